using System.Net.Sockets;

namespace AsyncioSharp.Shared;

/// <summary>Tasks of the thread pool; the connection has a lock for whoever sends.</summary>
internal static class OnSockets
{
    public static async Task RunAsync(int port, int tasks, int size, Measuring measuring)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", port);
        var stream = new BufferedStream(new NetworkStream(socket));
        var sending = new SemaphoreSlim(1);
        var waiting = new Queue<TaskCompletionSource>();
        var request = new byte[size];
        long answers = 0;
        for (var i = 0; i < tasks; i++)
            _ = Task.Run(AskAsync);
        _ = Task.Run(ReceiveAsync);
        await Task.Delay(measuring.WarmUp);
        measuring.Begin(Interlocked.Read(ref answers));
        await Task.Delay(measuring.Time);
        measuring.End(Interlocked.Read(ref answers));
        Environment.Exit(0); // with everything still under way

        async Task AskAsync()
        {
            while (true)
            {
                var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await sending.WaitAsync();
                try
                {
                    lock (waiting)
                        waiting.Enqueue(answer);
                    await socket.SendAsync(request);
                }
                finally
                {
                    sending.Release();
                }
                await answer.Task;
                Interlocked.Increment(ref answers);
            }
        }

        async Task ReceiveAsync()
        {
            var answer = new byte[size];
            while (true)
            {
                await stream.ReadExactlyAsync(answer);
                TaskCompletionSource next;
                lock (waiting)
                    next = waiting.Dequeue();
                next.SetResult();
            }
        }
    }
}
