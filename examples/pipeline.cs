#:project ../src/AsyncioSharp/AsyncioSharp.csproj

// Three processes connected by pipes, as `head -c N /dev/zero | gzip | wc -c` in a shell, with progress in between: the first
// stage tells on its standard error how far it is.
//
//   dotnet run examples/pipeline.cs                 64 MB
//   dotnet run examples/pipeline.cs -- 1000         so many MB
//
// Every process is owned by the block that started it: whatever fails, or Ctrl-C, ends them all.

using System.Text;
using AsyncioSharp;

const int Piece = 64 * 1024;
if (!int.TryParse(args.ElementAtOrDefault(0) ?? "64", out var megabytes) || megabytes < 1)
{
    Console.Error.WriteLine("usage: pipeline [MEGABYTES]");
    return 2;
}
return Asyncio.Run(async () =>
{
    var stages = new SubprocessOptions { StandardInput = Stdio.Pipe, StandardOutput = Stdio.Pipe };
    // A message for each megabyte, beside the data.
    var source = $"i=0; while [ $i -lt {megabytes} ]; do head -c 1000000 /dev/zero; i=$((i+1)); echo $i of {megabytes} MB >&2; done";
    await using var producer = await Asyncio.CreateSubprocessShellAsync(
        source, stages with { StandardInput = Stdio.Null, StandardError = Stdio.Pipe });
    await using var packer = await Asyncio.CreateSubprocessExecAsync("gzip", ["-1"], stages);
    await using var counter = await Asyncio.CreateSubprocessExecAsync("wc", ["-c"], stages);

    long unpacked = 0, packed = 0;
    var answer = "";
    await TaskGroup.RunAsync(async group =>
    {
        group.StartSoon(ShowProgressAsync(producer.StandardError!));
        group.StartSoon(CopyAsync(producer.StandardOutput!, packer.StandardInput!, count => unpacked += count));
        group.StartSoon(CopyAsync(packer.StandardOutput!, counter.StandardInput!, count => packed += count));
        answer = Encoding.UTF8.GetString(await counter.StandardOutput!.ReadAsync()).Trim();
    });
    var exitCodes = await Asyncio.Gather(producer.WaitAsync(), packer.WaitAsync(), counter.WaitAsync());
    Console.WriteLine($"{unpacked} bytes were packed into {packed}; wc counted {answer}; exit codes {string.Join(", ", exitCodes)}");
    return answer == $"{packed}" ? 0 : 1;
});

// Between two processes: no faster than the slower one takes it, so that memory stays small however much goes through.
static async Coroutine CopyAsync(AsyncStreamReader from, AsyncStreamWriter to, Action<int> moved)
{
    await using (to)
    {
        var buffer = new byte[Piece];
        for (int count; (count = await from.ReadAsync(buffer)) > 0;)
        {
            to.Write(buffer.AsSpan(0, count));
            moved(count);
            await to.DrainAsync();
        }
    }
}

static async Coroutine ShowProgressAsync(AsyncStreamReader errors)
{
    await foreach (var line in errors)
    {
        var text = Encoding.UTF8.GetString(line).TrimEnd();
        if (Console.IsErrorRedirected)
            Console.Error.WriteLine(text);
        else
            Console.Error.Write($"\r{text} ");
    }
    if (!Console.IsErrorRedirected)
        Console.Error.WriteLine();
}
