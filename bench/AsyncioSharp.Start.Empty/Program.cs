// What is measured beside the same on a loop; with an argument it waits until it is killed.
Console.WriteLine("Hello, World!");
if (args.Length > 0)
    Thread.Sleep(Timeout.Infinite);
