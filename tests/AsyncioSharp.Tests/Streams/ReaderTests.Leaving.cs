namespace AsyncioSharp.Tests.Streams;

// Ways out of a read other than data: the loss of the connection, and cancellation, which must lose no data.
public partial class ReaderTests
{
    public static TheoryData<string> Reads => new("ReadAsync", "ReadAsync to the end", "ReadAsync into memory",
        "ReadAsync into much memory", "ReadLineAsync", "ReadExactlyAsync", "ReadExactlyAsync into memory", "ReadUntilAsync", "await foreach");

    private static Coroutine Read(AsyncStreamReader reader, string how) => how switch
    {
        "ReadAsync" => reader.ReadAsync(100),
        "ReadAsync to the end" => reader.ReadAsync(),
        "ReadAsync into memory" => reader.ReadAsync(new byte[100].AsMemory()),
        "ReadAsync into much memory" => reader.ReadAsync(new byte[100_000].AsMemory()),
        "ReadLineAsync" => reader.ReadLineAsync(),
        "ReadExactlyAsync" => reader.ReadExactlyAsync(100),
        "ReadExactlyAsync into memory" => reader.ReadExactlyAsync(new byte[100].AsMemory()),
        "ReadUntilAsync" => reader.ReadUntilAsync("\r\n"u8),
        "await foreach" => Enumerate(reader),
        _ => throw new ArgumentOutOfRangeException(nameof(how)),
    };

    private static async Coroutine Enumerate(AsyncStreamReader reader)
    {
        await foreach (var _ in reader)
            ;
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_exception")]
    public void It_tells_why_the_connection_was_lost()
    {
        var reader = NewReader();
        Assert.Null(reader.Exception);

        var failure = new InvalidDataException();
        reader.SetException(failure);

        Assert.Same(failure, reader.Exception);
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_read_exception")]
    [CPythonTest("test_streams.py", "StreamTests", "test_readline_exception")]
    [CPythonTest("test_streams.py", "StreamTests", "test_readexactly_exception")]
    public void The_loss_of_the_connection_comes_before_data_that_is_left()
    {
        var reader = NewReader();
        reader.FeedData("line\nline\n"u8);
        Assert.Equal(Bytes("li"), Loop.RunUntilComplete(reader.ReadAsync(2)));
        Assert.Equal(Bytes("ne\n"), Loop.RunUntilComplete(reader.ReadLineAsync()));

        reader.SetException(new InvalidDataException());

        foreach (var how in Reads)
            Assert.Throws<InvalidDataException>(() => Loop.RunUntilComplete(Read(reader, how)));
    }

    [Theory]
    [MemberData(nameof(Reads))]
    [CPythonTest("test_streams.py", "StreamTests", "test_exception_waiter")]
    public void Whoever_waits_is_told_that_the_connection_was_lost(string how)
    {
        var reader = NewReader();
        var read = Loop.CreateTask(Read(reader, how));
        RunOnce();

        reader.SetException(new InvalidDataException());

        Assert.Throws<InvalidDataException>(() => Loop.RunUntilComplete(read));
    }

    [Theory]
    [MemberData(nameof(Reads))]
    [CPythonTest("test_streams.py", "StreamTests", "test_exception_cancel")]
    public void A_cancelled_read_leaves_the_reader_free(string how)
    {
        var reader = NewReader();
        var read = Loop.CreateTask(Read(reader, how));
        RunOnce();

        read.Cancel();
        RunOnce();

        Assert.True(read.IsCanceled);
        reader.FeedData(s_data);
        Assert.Equal(s_data, Left(reader));
        reader.SetException(new InvalidDataException());
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public void A_read_cancelled_with_half_its_data_gives_it_back(string how)
    {
        var reader = NewReader();
        var read = Loop.CreateTask(Read(reader, how));
        RunOnce();

        // The data comes, and with it perhaps the end of the wait; the cancellation comes before the task runs again.
        reader.FeedData("abcd"u8);
        reader.FeedData("ef"u8);
        read.Cancel();
        reader.FeedData("gh"u8);
        RunOnce();

        Assert.True(read.IsCanceled);
        Assert.Equal(Bytes("abcdefgh"), Left(reader));
    }

    [Fact]
    public void A_cancelled_fill_gives_back_what_it_took_before_it_waited()
    {
        var reader = NewReader();
        reader.FeedData("abc"u8);
        var read = Loop.CreateTask(reader.ReadExactlyAsync(new byte[8].AsMemory()));
        RunOnce();
        reader.FeedData("de"u8);

        read.Cancel();
        RunOnce();
        reader.FeedData("f"u8);

        Assert.Equal(Bytes("abcdef"), Left(reader));
    }

    [Fact]
    public void A_read_that_catches_its_cancellation_can_read_again()
    {
        var reader = NewReader();
        var task = Loop.CreateTask(ReadTwiceAsync());
        RunOnce();
        task.Cancel();
        RunOnce();
        reader.FeedData(s_data);

        Assert.Equal(s_data, Loop.RunUntilComplete(task));

        async Coroutine<byte[]> ReadTwiceAsync()
        {
            try
            {
                return await reader.ReadAsync(100);
            }
            catch (CanceledException)
            {
                return await reader.ReadAsync(100);
            }
        }
    }

    [Fact]
    public void A_read_that_timed_out_loses_nothing()
    {
        var reader = NewReader();
        Loop.CallLater(TimeSpan.FromSeconds(1), () => reader.FeedData("abc"u8));
        Loop.CallLater(TimeSpan.FromSeconds(3), () => reader.FeedData("def"u8));

        Loop.RunUntilComplete(Check());

        async Coroutine Check()
        {
            var memory = new byte[6];
            await Expect.ThrowsAsync<TimeoutException>(
                async () => await Asyncio.WaitFor(reader.ReadExactlyAsync(memory.AsMemory()), TimeSpan.FromSeconds(2)));
            await reader.ReadExactlyAsync(memory.AsMemory());
            Assert.Equal(Bytes("abcdef"), memory);
        }
    }
}
