// bench/AsyncioSharp.Processes in Go:  processes [COUNT [AT-ONCE]]
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"
)

func run(count, atOnce int) {
	var all sync.WaitGroup
	for i := 0; i < atOnce; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := 0; i < count/atOnce; i++ {
				if err := exec.Command("/bin/true").Run(); err != nil {
					panic(err)
				}
			}
		}()
	}
	all.Wait()
}

func main() {
	count, atOnce := 1000, 16
	if len(os.Args) > 1 {
		count, _ = strconv.Atoi(os.Args[1])
	}
	if len(os.Args) > 2 {
		atOnce, _ = strconv.Atoi(os.Args[2])
	}
	run(count, atOnce)
	start := time.Now()
	run(count, atOnce)
	fmt.Printf("%-28s %8.0f us a process, %d at once\n", "Go", float64(time.Since(start).Microseconds())/float64(count), atOnce)
}
