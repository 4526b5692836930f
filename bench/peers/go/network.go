// The servers of bench/network on Go, on one processor:  network accept|udp|file|tls PORT FILE
package main

import (
	"crypto/tls"
	"io"
	"net"
	"os"
	"runtime"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func echoDatagrams(address string) {
	socket, err := net.ListenPacket("udp4", address)
	check(err)
	buffer := make([]byte, 65536)
	for {
		count, sender, err := socket.(*net.UDPConn).ReadFromUDPAddrPort(buffer)
		check(err)
		_, err = socket.(*net.UDPConn).WriteToUDPAddrPort(buffer[:count], sender)
		check(err)
	}
}

func echo(connection net.Conn) {
	defer connection.Close()
	buffer := make([]byte, 4096)
	for {
		count, err := connection.Read(buffer)
		if err != nil {
			return
		}
		if _, err = connection.Write(buffer[:count]); err != nil {
			return
		}
	}
}

func sendFile(connection net.Conn, path string) {
	defer connection.Close()
	file, err := os.Open(path)
	check(err)
	defer file.Close()
	io.Copy(connection, file) // by sendfile
}

func main() {
	runtime.GOMAXPROCS(1)
	kind, address, path := os.Args[1], "127.0.0.1:"+os.Args[2], os.Args[3]
	if kind == "udp" {
		echoDatagrams(address)
	}
	listener, err := net.Listen("tcp4", address)
	check(err)
	if kind == "tls" {
		certificate, err := tls.LoadX509KeyPair(path+".crt", path+".key")
		check(err)
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}})
	}
	for {
		connection, err := listener.Accept()
		check(err)
		if kind == "file" {
			go sendFile(connection, path)
		} else {
			go echo(connection)
		}
	}
}
