using AsyncioSharp.LowLevel;
using Microsoft.Win32.SafeHandles;

namespace AsyncioSharp.Tests.Files;

/// <summary>Files, read and written beside whatever else the loop does.</summary>
public abstract class AsyncFileTests(EventLoop loop) : OnNetwork(loop), IDisposable
{
    private const int Length = 3_000_000;

    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    private static byte[] SomeBytes()
    {
        var bytes = new byte[Length];
        new Random(7).NextBytes(bytes);
        return bytes;
    }

    [Fact]
    public void What_is_written_can_be_read() => Run(async () =>
    {
        var data = SomeBytes();
        await using (var file = await AsyncFile.OpenAsync(_path, FileMode.Create))
        {
            await file.WriteAsync(data.AsMemory(0, 1000));
            await file.WriteAsync(data.AsMemory(1000));
            await file.FlushAsync();
            Assert.Equal(Length, file.Position);
            Assert.Equal(Length, file.Length);
        }

        Assert.Equal(data, File.ReadAllBytes(_path));
        await using (var file = await AsyncFile.OpenAsync(_path))
            Assert.Equal(data, await file.ReadToEndAsync());
    });

    [Fact]
    public void It_is_read_from_where_the_last_read_has_ended_to_the_end() => Run(async () =>
    {
        File.WriteAllText(_path, "abcdef");
        await using var file = await AsyncFile.OpenAsync(_path);
        var buffer = new byte[4];
        Assert.Equal(4, await file.ReadAsync(buffer));
        Assert.Equal("abcd"u8, buffer);
        Assert.Equal(2, await file.ReadAsync(buffer));
        Assert.Equal("ef"u8, buffer.AsSpan(0, 2));
        Assert.Equal(0, await file.ReadAsync(buffer));
        file.Position = 1;
        Assert.Equal("bcdef"u8.ToArray(), await file.ReadToEndAsync());
        Assert.Empty(await file.ReadToEndAsync());
        Assert.Equal(0, await file.ReadAsync(Memory<byte>.Empty));
    });

    [Fact]
    public void What_is_read_to_the_end_is_in_memory_once() => Run(async () =>
    {
        const int Size = 1024 * 1024;
        File.WriteAllBytes(_path, new byte[Size]);
        await using var file = await AsyncFile.OpenAsync(_path);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var content = await file.ReadToEndAsync();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(Size, content.Length);
        Assert.InRange(allocated, Size, Size * 3 / 2); // and what is made when it is used first
    });

    [Fact]
    public void What_no_array_can_hold_is_told_before_it_is_read() => Run(async () =>
    {
        await using var file = await AsyncFile.OpenAsync(_path, FileMode.Create, FileAccess.ReadWrite);
        await file.SetLengthAsync(Array.MaxLength + 4L); // which takes no room
        file.Position = 3;

        var failure = await Expect.ThrowsAsync<IOException>(file.ReadToEndAsync());
        Assert.Contains(nameof(AsyncFile.ReadAsync), failure.Message);
        Assert.Equal(3, file.Position);

        file.Position = Array.MaxLength;
        Assert.Equal(new byte[4], await file.ReadToEndAsync());
    });

    [Fact]
    public void Reads_and_writes_at_offsets_run_beside_each_other() => Run(async () =>
    {
        const int Piece = 10_000;
        var data = SomeBytes();
        await using var file = await AsyncFile.OpenAsync(_path, FileMode.Create, FileAccess.ReadWrite);
        await TaskGroup.RunAsync(async group =>
        {
            for (var offset = 0; offset < Length; offset += Piece)
                group.StartSoon(file.WriteAsync(data.AsMemory(offset, Piece), offset));
        });
        var read = new byte[Length];
        await TaskGroup.RunAsync(async group =>
        {
            for (var offset = 0; offset < Length; offset += Piece)
                group.StartSoon(ReadAsync(offset));
        });

        Assert.Equal(data, read);
        Assert.Equal(0, file.Position);

        async Coroutine ReadAsync(int offset) => Assert.Equal(Piece, await file.ReadAsync(read.AsMemory(offset, Piece), offset));
    });

    [Fact]
    public void Two_reads_at_the_position_would_not_know_which_is_first() => Run(async () =>
    {
        var data = SomeBytes(); // which is more than is read at once
        File.WriteAllBytes(_path, data);
        await using var file = await AsyncFile.OpenAsync(_path);
        var first = Asyncio.CreateTask(file.ReadToEndAsync());
        await Asyncio.Yield();

        var failure = await Expect.ThrowsAsync<InvalidOperationException>(async () => await file.ReadAsync(new byte[1]));
        Assert.Contains("already", failure.Message);
        Assert.Throws<InvalidOperationException>(() => file.Position = 3);

        Assert.Equal(data, await first);
        Assert.Equal(Length, file.Position);
    });

    [Fact]
    public void A_task_that_reads_on_and_on_lets_others_run_and_can_be_cancelled() => Run(async () =>
    {
        File.WriteAllBytes(_path, new byte[1000]);
        await using var file = await AsyncFile.OpenAsync(_path);
        var reads = 0;
        var reading = Asyncio.CreateTask(ReadAsync());
        await Expect.Turns(5);
        Assert.InRange(reads, 0, 1000);
        reading.Cancel();
        await Expect.ThrowsAsync<CanceledException>(reading);
        Assert.Equal(1000, (await file.ReadToEndAsync()).Length);

        async Coroutine ReadAsync()
        {
            var buffer = new byte[10];
            while (true)
            {
                await file.ReadAsync(buffer, reads++ % 990);
                Assert.InRange(reads, 0, 1_000_000);
            }
        }
    });

    [Fact]
    public void A_task_that_is_cancelled_goes_on_when_the_system_has_let_go_of_its_buffer() => Run(async () =>
    {
        var data = SomeBytes();
        File.WriteAllBytes(_path, data);
        await using var file = await AsyncFile.OpenAsync(_path);
        for (var i = 0; i < 50; i++)
        {
            var buffer = new byte[Length];
            var reading = Asyncio.CreateTask(ReadAsync(buffer));
            await Expect.Turns(i % 5);
            reading.Cancel();
            await Expect.ThrowsAsync<CanceledException>(reading);
            Assert.Equal(0, file.Position);
            buffer.AsSpan().Fill(1);
            await Expect.Turns(3);
            Assert.Equal(-1, buffer.AsSpan().IndexOfAnyExcept((byte)1));
        }

        Assert.Equal(data, await file.ReadToEndAsync());

        async Coroutine ReadAsync(byte[] buffer)
        {
            while (await file.ReadAsync(buffer, 0) > 0)
                await Asyncio.Yield();
        }
    });

    [Fact]
    public void A_write_that_is_cancelled_leaves_a_file_that_can_be_used() => Run(async () =>
    {
        var data = SomeBytes();
        await using var file = await AsyncFile.OpenAsync(_path, FileMode.Create, FileAccess.ReadWrite);
        for (var i = 0; i < 20; i++)
        {
            var writing = Asyncio.CreateTask(file.WriteAsync(data));
            await Expect.Turns(1 + i % 3);
            writing.Cancel();
            try
            {
                await writing;
                file.Position = 0; // it was faster
            }
            catch (CanceledException)
            {
                Assert.Equal(0, file.Position);
            }
        }

        await file.WriteAsync(data);
        Assert.Equal(data, File.ReadAllBytes(_path));
    });

    [Fact]
    public void A_timeout_ends_with_its_own_exception() => Run(async () =>
    {
        File.WriteAllBytes(_path, SomeBytes());
        await using var file = await AsyncFile.OpenAsync(_path);
        await Expect.ThrowsAsync<TimeoutException>(async () => await Asyncio.Timeout(TimeSpan.FromMilliseconds(1), async _ =>
        {
            while (true)
                await file.ReadAsync(new byte[100_000], 0);
        }));
    });

    [Fact]
    public void Its_length_can_be_set() => Run(async () =>
    {
        await using var file = await AsyncFile.OpenAsync(_path, FileMode.Create, FileAccess.ReadWrite);
        await file.WriteAsync("abcdef"u8.ToArray());
        await file.SetLengthAsync(2);
        Assert.Equal(2, file.Length);
        await file.SetLengthAsync(4);
        Assert.Equal("ab\0\0"u8, File.ReadAllBytes(_path));
        await file.WriteAsync("z"u8.ToArray(), 5);
        Assert.Equal("ab\0\0\0z"u8, File.ReadAllBytes(_path));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.SetLengthAsync(-1));
    });

    [Fact]
    public void Appending_begins_at_the_end() => Run(async () =>
    {
        File.WriteAllText(_path, "abc");
        await using var file = await AsyncFile.OpenAsync(_path, FileMode.Append);
        Assert.Equal(3, file.Position);
        await file.WriteAsync("def"u8.ToArray());
        Assert.Equal("abcdef"u8, File.ReadAllBytes(_path));
    });

    [Fact]
    public void It_can_be_read_or_written_as_it_was_opened() => Run(async () =>
    {
        File.WriteAllText(_path, "abc");
        await using var reading = await AsyncFile.OpenAsync(_path, share: FileShare.ReadWrite);
        Assert.True(reading.CanRead);
        Assert.False(reading.CanWrite);
        Assert.Contains("ReadWrite", Assert.Throws<NotSupportedException>(() => reading.WriteAsync("x"u8.ToArray())).Message);
        Assert.Throws<NotSupportedException>(() => reading.SetLengthAsync(0));
        await using var writing = await AsyncFile.OpenAsync(_path, FileMode.OpenOrCreate, share: FileShare.ReadWrite);
        Assert.False(writing.CanRead);
        Assert.Throws<NotSupportedException>(() => writing.ReadAsync(new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => reading.ReadAsync(new byte[1], -1));
    });

    [Fact]
    public void What_cannot_be_opened_says_why() => Run(async () =>
    {
        await Expect.ThrowsAsync<FileNotFoundException>(async () => await AsyncFile.OpenAsync(_path));
        await Expect.ThrowsAsync<UnauthorizedAccessException>(async () => await AsyncFile.OpenAsync(Path.GetTempPath()));
        Assert.Throws<ArgumentException>(() => AsyncFile.OpenAsync(""));
        Assert.Equal("path", Assert.Throws<ArgumentException>(() => AsyncFile.OpenAsync("a\0b")).ParamName);
    });

    // A named pipe is not opened for it, which would wait for its other end.
    [Theory]
    [InlineData(null)]
    [InlineData("/dev/ptmx")]
    public void What_has_no_offsets_is_refused_on_every_loop(string? terminal) => Run(async () =>
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && (terminal is null || File.Exists(terminal)), "named pipes and /dev/ptmx are Linux's");
        if (terminal is null)
            Pipes.NamedPipe.Make(_path);
        foreach (var access in new[] { FileAccess.Read, FileAccess.Write })
        {
            var failure = await Expect.ThrowsAsync<NotSupportedException>(
                async () => await AsyncFile.OpenAsync(terminal ?? _path, FileMode.Open, access));

            Assert.Contains($"'{terminal ?? _path}'", failure.Message);
            Assert.Contains("ConnectReadPipeAsync", failure.Message);
        }
    });

    [Theory]
    [InlineData(FileMode.Append, FileAccess.Read)]
    [InlineData(FileMode.Append, FileAccess.ReadWrite)]
    [InlineData(FileMode.Create, FileAccess.Read)]
    [InlineData(FileMode.CreateNew, FileAccess.Read)]
    [InlineData(FileMode.Truncate, FileAccess.Read)]
    public void A_mode_and_an_access_that_do_not_go_together_are_refused_at_the_call(FileMode mode, FileAccess access) => Run(async () =>
    {
        Assert.Equal("access", Assert.Throws<ArgumentException>(() => AsyncFile.OpenAsync(_path, mode, access)).ParamName);
        await Asyncio.Yield();
        Assert.False(File.Exists(_path));
    });

    [Theory]
    [InlineData("mode", (FileMode)0)]
    [InlineData("mode", (FileMode)7)]
    [InlineData("access", FileMode.OpenOrCreate, (FileAccess)0)]
    [InlineData("access", FileMode.OpenOrCreate, (FileAccess)4)]
    [InlineData("share", FileMode.OpenOrCreate, FileAccess.Write, (FileShare)8)]
    [InlineData("share", FileMode.OpenOrCreate, FileAccess.Write, (FileShare)(-1))]
    [InlineData("options", FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, (FileOptions)1)]
    public void Numbers_that_stand_for_nothing_are_refused_at_the_call(
        string parameter,
        FileMode mode,
        FileAccess access = FileAccess.Write,
        FileShare share = FileShare.Read,
        FileOptions options = FileOptions.None) => Run(async () =>
    {
        Assert.Equal(parameter, Assert.Throws<ArgumentOutOfRangeException>(() => AsyncFile.OpenAsync(_path, mode, access, share, options)).ParamName);
        await Asyncio.Yield();
        Assert.False(File.Exists(_path));
    });

    [Fact]
    public void All_that_DotNet_knows_can_be_asked_for() => Run(async () =>
    {
        const FileOptions NoBuffering = (FileOptions)0x20000000;
        const FileOptions Hints =
            FileOptions.WriteThrough | FileOptions.Asynchronous | FileOptions.RandomAccess | FileOptions.SequentialScan | NoBuffering;
        await using var file = await AsyncFile.OpenAsync(
            _path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete | FileShare.Inheritable, Hints);
    });

    [Fact]
    public void A_failure_of_the_disk_is_an_IOException() => Run(async () =>
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "/dev/full is Linux's.");
        await using var file = await AsyncFile.OpenAsync("/dev/full", FileMode.Open, FileAccess.Write);
        await Expect.ThrowsAsync<IOException>(async () => await file.WriteAsync(new byte[10_000]));
    });

    [Fact]
    public void What_no_disk_is_behind_needs_no_flush() => Run(async () =>
    {
        Assert.SkipUnless(File.Exists("/dev/null"), "/dev/null is Unix's.");
        await using var file = await AsyncFile.OpenAsync("/dev/null", FileMode.Open, FileAccess.Write);
        await file.WriteAsync(new byte[10]);
        await file.FlushAsync();
    });

    [Fact]
    public void Closing_waits_for_what_runs_and_allows_no_more() => Run(async () =>
    {
        var data = SomeBytes();
        var file = await AsyncFile.OpenAsync(_path, FileMode.Create);
        var handle = file.Handle;
        var writing = Asyncio.CreateTask(file.WriteAsync(data));
        await Asyncio.Yield();
        await file.DisposeAsync();
        Assert.True(writing.IsCompleted);
        await writing;
        Assert.Equal(data, File.ReadAllBytes(_path));
        Assert.True(handle.IsClosed);
        Assert.Throws<ObjectDisposedException>(() => file.WriteAsync(data));
        Assert.Throws<ObjectDisposedException>(() => file.Length);
        await file.DisposeAsync();
    });

    [Fact]
    public void Tasks_that_read_a_file_when_the_loop_is_stopped_go_on_with_its_next_run()
    {
        var data = SomeBytes();
        File.WriteAllBytes(_path, data);
        AsyncFile file = null!;
        AsyncioTask<byte[]> reading = null!;
        Run(async () =>
        {
            file = await AsyncFile.OpenAsync(_path);
            reading = Loop.CreateTask(file.ReadToEndAsync());
            await Asyncio.Yield();
        });

        Assert.Equal(data, Loop.RunUntilComplete(reading));
        Run(async () => await file.DisposeAsync());
    }

    [Fact]
    public void It_tells_what_it_is() => Run(async () =>
    {
        File.WriteAllText(_path, "");
        await using var file = await AsyncFile.OpenAsync(_path);
        Assert.Equal($"<AsyncFile {_path}>", file.ToString());
        Assert.Equal(_path, file.Path);
    });

    public new void Dispose()
    {
        base.Dispose();
        File.Delete(_path);
        GC.SuppressFinalize(this);
    }
}

/// <summary>What the loops of Linux read from the system's cache there and then.</summary>
public abstract class LinuxAsyncFileTests(EventLoop loop) : AsyncFileTests(loop)
{
    [Fact]
    public void What_is_in_the_systems_cache_is_read_at_once() => Run(async () =>
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "cached");
            await using var file = await AsyncFile.OpenAsync(path);
            var buffer = new byte[10];
            var others = 0;
            Loop.CallSoon(() => others++);

            Assert.Equal(6, await file.ReadAsync(buffer));
            Assert.Equal(0, await file.ReadAsync(buffer)); // the end
            Assert.Equal(3, await file.ReadAsync(buffer, 3));

            Assert.Equal(0, others);
            Assert.Equal("hed"u8, buffer.AsSpan(0, 3));
        }
        finally
        {
            File.Delete(path);
        }
    });

    [Fact]
    public void What_is_added_while_it_is_read_to_the_end_is_read_too() => Run(async () =>
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "before");
            await using var file = await AsyncFile.OpenAsync(path, share: FileShare.ReadWrite);
            using var plan = new Faults.FaultPlan("preadv2", error: 0, at: 0) { OnCall = AddAtFirst };

            Assert.Equal("before and after"u8.ToArray(), await file.ReadToEndAsync());
            Assert.Equal(16, file.Position);
        }
        finally
        {
            File.Delete(path);
        }

        void AddAtFirst(int call)
        {
            if (call != 1)
                return;
            using var writer = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite));
            writer.Write(" and after");
        }
    });

    [Fact]
    public void A_file_that_has_no_cache_is_read_all_the_same() => Run(async () =>
    {
        await using var file = await AsyncFile.OpenAsync("/proc/self/stat");
        var buffer = new byte[100];
        var count = await file.ReadAsync(buffer);
        Assert.StartsWith($"{Environment.ProcessId} (", System.Text.Encoding.UTF8.GetString(buffer, 0, count));
    });
}

public sealed class EpollAsyncFileTests() : LinuxAsyncFileTests(new EpollEventLoop());

public sealed class IoUringAsyncFileTests() : LinuxAsyncFileTests(IoUring.NewLoop())
{
    // What they have read is there already, and they would go on with the next turn.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Tasks_that_read_a_file_when_their_loop_is_closed_do_not_keep_it_open(int turns)
    {
        var path = Path.GetTempFileName();
        File.WriteAllBytes(path, new byte[100_000]); // which is more than is read at once
        SafeFileHandle handle = null!;
        Run(async () =>
        {
            var file = await AsyncFile.OpenAsync(path);
            handle = file.Handle;
            _ = Loop.CreateTask(file.ReadToEndAsync());
            for (var i = 0; i < turns; i++)
                await Asyncio.Yield();
        });

        Loop.Close();
        handle.Dispose();

        Assert.DoesNotContain(path, Transports.Descriptors.All().Select(static descriptor => new FileInfo(descriptor).LinkTarget));
        File.Delete(path);
    }
}

public sealed class PortableAsyncFileTests() : AsyncFileTests(new PortableEventLoop());
