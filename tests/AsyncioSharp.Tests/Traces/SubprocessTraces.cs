using System.Text;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Traces;

/// <summary>Programs that start processes, on the loop of this system: their time is not virtual, and none waits for it.</summary>
public class SubprocessTraces : TraceTest
{
    private static readonly SubprocessOptions s_input = new() { StandardInput = Stdio.Pipe };
    private static readonly SubprocessOptions s_piped = new() { StandardInput = Stdio.Pipe, StandardOutput = Stdio.Pipe };

    public SubprocessTraces() => Assert.SkipUnless(OperatingSystem.IsLinux(), "the programs are those of Unix, and end as on Linux");

    private static void CheckOnSystem(
        string name, Func<Trace, Coroutine> program, [System.Runtime.CompilerServices.CallerMemberName] string caller = "") =>
        CheckByHand(name, trace => Asyncio.Run(program(trace)), caller);

    private static string Text(ReadOnlySpan<byte> data) => Encoding.UTF8.GetString(data).Trim();

    private static string? Text(byte[]? data) => data is null ? null : Text(data.AsSpan());

    private static async Coroutine<string> LineAsync(Subprocess process) => Text((await process.StandardOutput!.ReadLineAsync()).AsSpan());

    [Fact]
    public void SubprocessCommunicate() => CheckOnSystem("subprocess_communicate", async trace =>
    {
        var process = await Asyncio.CreateSubprocessExecAsync("cat", [], s_piped);
        trace.Line("running:", process.ReturnCode is null);
        var (output, error) = await process.CommunicateAsync("some data"u8.ToArray());
        trace.Line("output:", Text(output), "error:", error);
        trace.Line("exit code:", process.ReturnCode);
        process = await Asyncio.CreateSubprocessShellAsync("cat; echo error >&2; exit 4", s_piped with { StandardError = Stdio.Pipe });
        (output, error) = await process.CommunicateAsync("output"u8.ToArray());
        trace.Line("output:", Text(output), "error:", Text(error));
        trace.Line("exit code:", process.ReturnCode);
    });

    [Fact]
    public void SubprocessExitCodes() => CheckOnSystem("subprocess_exit_codes", async trace =>
    {
        foreach (var command in (string[])["true", "false", "exit 7", "exit 255", "exit 256", "kill -9 $$", "kill -TERM $$", "kill -HUP $$"])
        {
            var process = await Asyncio.CreateSubprocessShellAsync(command);
            trace.Line(command, "gives", await process.WaitAsync());
        }
    });

    [Fact]
    public void SubprocessSeveralWaiters() => CheckOnSystem("subprocess_several_waiters", async trace =>
    {
        async Coroutine WaitAsync(string name, Subprocess process)
        {
            trace.Line(name, "waits");
            try
            {
                trace.Line(name, "got", await process.WaitAsync());
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled");
            }
        }

        var process = await Asyncio.CreateSubprocessExecAsync("cat", [], s_input);
        var tasks = new[] { "first", "second", "third", "fourth" }.Select(name => Asyncio.CreateTask(WaitAsync(name, process))).ToArray();
        await Asyncio.Yield();
        tasks[1].Cancel();
        process.StandardInput!.Close();
        await Asyncio.Gather(tasks);
        trace.Line("again:", await process.WaitAsync(), process.ReturnCode);
    });

    [Fact]
    public void SubprocessWaitCancelled() => CheckOnSystem("subprocess_wait_cancelled", async trace =>
    {
        var process = await Asyncio.CreateSubprocessExecAsync("cat", [], s_piped);
        var waiter = Asyncio.CreateTask(process.WaitAsync());
        await Asyncio.Yield();
        waiter.Cancel("enough");
        try
        {
            await waiter;
        }
        catch (CanceledException e)
        {
            trace.Line("cancelled:", e.CancelMessage);
        }
        trace.Line("running:", process.ReturnCode is null);
        var (output, _) = await process.CommunicateAsync("still there"u8.ToArray());
        trace.Line("output:", Text(output), "exit code:", process.ReturnCode);
    });

    [Fact]
    public void SubprocessLineByLine() => CheckOnSystem("subprocess_line_by_line", async trace =>
    {
        var process = await Asyncio.CreateSubprocessShellAsync("while read line; do echo got $line; done; echo end", s_piped);
        foreach (var word in (string[])["one", "two", "three"])
        {
            process.StandardInput!.Write(Encoding.UTF8.GetBytes($"{word}\n"));
            await process.StandardInput.DrainAsync();
            trace.Line(await LineAsync(process));
        }
        process.StandardInput!.Close();
        await foreach (var line in process.StandardOutput!)
            trace.Line("then", Text(line.AsSpan()));
        trace.Line("at the end:", (await process.StandardOutput!.ReadLineAsync()).Length, process.StandardOutput.AtEof);
        trace.Line("exit code:", await process.WaitAsync());
    });

    [Fact]
    public void SubprocessSentSignals() => CheckOnSystem("subprocess_sent_signals", async trace =>
    {
        const string Command = "trap 'echo hangup' HUP; trap 'echo terminated; exit 5' TERM; echo ready; while true; do sleep 0.01; done";
        var process = await Asyncio.CreateSubprocessShellAsync(Command, new() { StandardOutput = Stdio.Pipe });
        trace.Line(await LineAsync(process));
        process.SendSignal(System.Runtime.InteropServices.PosixSignal.SIGHUP);
        trace.Line(await LineAsync(process));
        process.Terminate();
        trace.Line(await LineAsync(process));
        trace.Line("exit code:", await process.WaitAsync());
    });

    [Fact]
    public void SubprocessTerminateAndKill() => CheckOnSystem("subprocess_terminate_and_kill", async trace =>
    {
        foreach (var name in (string[])["terminate", "kill"])
        {
            var process = await Asyncio.CreateSubprocessExecAsync("sleep", ["1000"]);
            _ = name == "kill" ? process.Kill() : process.Terminate();
            trace.Line(name, "asked, seen:", process.ReturnCode is not null);
            trace.Line(name, "gives", await process.WaitAsync());
        }
    });

    [Fact]
    public void SubprocessNotStarted() => CheckOnSystem("subprocess_not_started", async trace =>
    {
        async Coroutine AttemptAsync(string name, string program, string[] arguments, SubprocessOptions? options = null)
        {
            try
            {
                await Asyncio.CreateSubprocessExecAsync(program, arguments, options);
                trace.Line(name, "started");
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                trace.Line(name, "is not there");
            }
            catch (UnauthorizedAccessException)
            {
                trace.Line(name, "has no permission");
            }
            catch (ArgumentException)
            {
                trace.Line(name, "is no argument");
            }
        }

        await AttemptAsync("name", "no-such-program", []);
        await AttemptAsync("path", "/no/such/program", []);
        await AttemptAsync("file", "/etc/passwd", []);
        await AttemptAsync("directory", "/usr", []);
        await AttemptAsync("where", "true", [], new() { WorkingDirectory = "/no/such/directory" });
        await AttemptAsync("null", "true", ["a\0b"]);
        var process = await Asyncio.CreateSubprocessExecAsync("true");
        trace.Line("after that:", await process.WaitAsync());
    });

    [Fact]
    public void SubprocessStreamsElsewhere() => CheckOnSystem("subprocess_streams_elsewhere", async trace =>
    {
        async Coroutine ShowAsync(string name, Stdio input, Stdio output, Stdio error)
        {
            var options = new SubprocessOptions { StandardInput = input, StandardOutput = output, StandardError = error };
            var process = await Asyncio.CreateSubprocessShellAsync("cat; echo out; echo err >&2", options);
            trace.Line(name, process.StandardInput is not null, process.StandardOutput is not null, process.StandardError is not null);
            var (text, errors) = await process.CommunicateAsync();
            foreach (var data in (byte[]?[])[text, errors])
                trace.Line(" ", Text(data)?.Replace('\n', ','));
        }

        await ShowAsync("all", Stdio.Pipe, Stdio.Pipe, Stdio.Pipe);
        await ShowAsync("null", Stdio.Null, Stdio.Null, Stdio.Pipe);
        await ShowAsync("together", Stdio.Null, Stdio.Pipe, Stdio.ToStandardOutput);
        await ShowAsync("none", Stdio.Null, Stdio.Null, Stdio.Null);
    });

    [Fact]
    public void SubprocessDirectoryAndEnvironment() => CheckOnSystem("subprocess_directory_and_environment", async trace =>
    {
        var options = new SubprocessOptions
        {
            StandardOutput = Stdio.Pipe,
            WorkingDirectory = "/usr",
            Environment = new Dictionary<string, string> { ["WORD"] = "a b", ["PATH"] = "/usr/bin:/bin" },
        };
        var process = await Asyncio.CreateSubprocessShellAsync("pwd; echo $WORD; echo ${HOME-none}", options);
        var (output, _) = await process.CommunicateAsync();
        trace.Line(Text(output)!.Replace('\n', ','));
        process = await Asyncio.CreateSubprocessExecAsync("printf", ["%s|", "a b", "$HOME", "*", "", "\\"], new() { StandardOutput = Stdio.Pipe });
        (output, _) = await process.CommunicateAsync();
        trace.Line(Text(output));
    });

    [Fact]
    public void SubprocessManyAtOnce() => CheckOnSystem("subprocess_many_at_once", async trace =>
    {
        async Coroutine<int> JobAsync(AsyncSemaphore places, int number)
        {
            using (await places.AcquireAsync())
            {
                var process = await Asyncio.CreateSubprocessShellAsync($"exit {number}");
                return await process.WaitAsync();
            }
        }

        var places = new AsyncSemaphore(4);
        var codes = await Asyncio.Gather(Enumerable.Range(0, 20).Select(number => JobAsync(places, number)));
        trace.Line([.. codes]);
    });

    [Fact]
    public void SubprocessTimeout() => CheckOnSystem("subprocess_timeout", async trace =>
    {
        var process = await Asyncio.CreateSubprocessExecAsync("sleep", ["1000"], s_piped);
        try
        {
            await Asyncio.WaitFor(process.CommunicateAsync(), 0.02);
        }
        catch (TimeoutException)
        {
            trace.Line("timed out, running:", process.ReturnCode is null);
        }
        try
        {
            await Asyncio.Timeout(0.02, async _ => await process.WaitAsync());
        }
        catch (TimeoutException)
        {
            trace.Line("timed out, running:", process.ReturnCode is null);
        }
        process.Kill();
        trace.Line("exit code:", await process.WaitAsync());
        var (output, _) = await process.CommunicateAsync();
        trace.Line("output:", output!.Length);
    });

    [Fact]
    public void SubprocessMuchData() => CheckOnSystem("subprocess_much_data", async trace =>
    {
        var data = Enumerable.Range(0, 300_000).Select(number => (byte)(number * 7 % 251)).ToArray();
        var process = await Asyncio.CreateSubprocessShellAsync("tee /dev/stderr", s_piped with { StandardError = Stdio.Pipe });
        var (output, error) = await process.CommunicateAsync(data);
        trace.Line(output!.Length, output.SequenceEqual(data), error!.Length, error.SequenceEqual(data), process.ReturnCode);
        process = await Asyncio.CreateSubprocessExecAsync("head", ["-c", "5"], s_piped);
        (output, _) = await process.CommunicateAsync(new byte[1_000_000]);
        trace.Line("of what nobody reads:", output!.Length, process.ReturnCode);
    });

    [Fact]
    public void SubprocessInFailingGroup() => CheckOnSystem("subprocess_in_failing_group", async trace =>
    {
        var started = new List<string>();

        async Coroutine WaitAsync(string name)
        {
            var process = await Asyncio.CreateSubprocessExecAsync("sleep", ["1000"]);
            started.Add(name);
            try
            {
                await process.WaitAsync();
            }
            catch (CanceledException)
            {
                trace.Line(name, "cancelled, running:", process.ReturnCode is null);
                process.Kill();
                trace.Line(name, "gives", await process.WaitAsync());
                throw;
            }
        }

        try
        {
            await TaskGroup.RunAsync(async group =>
            {
                group.StartSoon(WaitAsync("process"));
                while (started.Count == 0)
                    await Asyncio.Yield();
                throw new FormatException("boom");
            });
        }
        catch (TaskGroupException errors)
        {
            trace.Line([.. Messages(errors)]);
        }
    });

    [Fact]
    public void SubprocessProtocolEvents() => CheckOnSystem("subprocess_protocol_events", async trace =>
    {
        var loop = EventLoop.Running;
        var (transport, protocol) = await loop.SubprocessShellAsync(() => new TracedProcess(trace), "echo out; echo err >&2; cat >/dev/null; exit 3");
        trace.Line("started");
        transport.GetPipeTransport(0)!.Close();
        await protocol.Over;
        trace.Line(Text(protocol.Data(1)), Text(protocol.Data(2)));
        transport.Close();
        trace.Line("closing:", transport.IsClosing);
    });

    [Fact]
    public void SubprocessProtocolPipes() => CheckOnSystem("subprocess_protocol_pipes", async trace =>
    {
        var (transport, protocol) = await EventLoop.Running.SubprocessExecAsync(
            () => new TracedProcess(new Trace()), "cat", [], new() { StandardError = Stdio.Inherit });
        trace.Line("same protocol:", transport.GetProtocol() == protocol);
        for (var descriptor = 0; descriptor < 4; descriptor++)
            trace.Line("pipe", descriptor, transport.GetPipeTransport(descriptor) is not null);
        var input = transport.GetPipeTransport(0)!;
        input.Write("one "u8);
        input.Write("two "u8);
        input.Write("three"u8);
        trace.Line("can write eof:", input.CanWriteEof);
        input.WriteEof();
        await protocol.Over;
        trace.Line(Text(protocol.Data(1)), transport.ReturnCode);
        transport.Close();
    });
}
