using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Streams;

/// <summary>A reader that is fed by hand: what each way to read gives, and what it leaves.</summary>
public partial class ReaderTests : OnVirtualLoop
{
    private static readonly byte[] s_data = "line1\nline2\nline3\n"u8.ToArray();

    private AsyncStreamReader NewReader(int limit = 64 * 1024) => new(limit, Loop);

    // What is left in the reader, without waiting for more.
    private byte[] Left(AsyncStreamReader reader)
    {
        if (!reader.AtEof)
            reader.FeedEof();
        return Loop.RunUntilComplete(reader.ReadAsync());
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.ASCII.GetBytes(text);

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_feed_empty_data")]
    public void Feeding_nothing_leaves_the_reader_empty()
    {
        var reader = NewReader();

        reader.FeedData([]);

        Assert.Empty(Left(reader));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_feed_nonempty_data")]
    public void Fed_data_stays_until_it_is_read()
    {
        var reader = NewReader();

        reader.FeedData(s_data);

        Assert.Equal(s_data, Left(reader));
    }

    [Fact]
    public void No_data_can_be_fed_after_the_end()
    {
        var reader = NewReader();
        reader.FeedEof();

        Assert.Throws<InvalidOperationException>(() => reader.FeedData(s_data));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_read_zero")]
    public void Reading_zero_bytes_gives_none_and_takes_none()
    {
        var reader = NewReader();
        reader.FeedData(s_data);

        Assert.Empty(Loop.RunUntilComplete(reader.ReadAsync(0)));
        Assert.Equal(0, Loop.RunUntilComplete(reader.ReadAsync(Memory<byte>.Empty)));
        Assert.Equal(s_data, Left(reader));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_read")]
    public void A_read_waits_for_data_and_takes_what_comes()
    {
        var reader = NewReader();
        var read = Loop.CreateTask(reader.ReadAsync(30));
        Loop.CallSoon(() => reader.FeedData(s_data));

        Assert.Equal(s_data, Loop.RunUntilComplete(read));
        Assert.Empty(Left(reader));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(64 * 1024)]
    public void A_read_into_memory_takes_what_fits(int room)
    {
        var reader = NewReader();
        var memory = new byte[room];
        var read = Loop.CreateTask(reader.ReadAsync(memory.AsMemory()));
        Loop.CallSoon(() => reader.FeedData(s_data));

        var count = Loop.RunUntilComplete(read);

        Assert.Equal(Math.Min(room, s_data.Length), count);
        Assert.Equal(s_data[..count], memory[..count]);
        Assert.Equal(s_data[count..], Left(reader));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_read_line_breaks")]
    public void A_read_takes_no_more_than_it_asked_for()
    {
        var reader = NewReader();
        reader.FeedData("line1"u8);
        reader.FeedData("line2"u8);

        Assert.Equal(Bytes("line1"), Loop.RunUntilComplete(reader.ReadAsync(5)));
        Assert.Equal(Bytes("line2"), Left(reader));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_read_eof")]
    public void A_read_at_the_end_gives_nothing()
    {
        var reader = NewReader();
        var read = Loop.CreateTask(reader.ReadAsync(1024));
        Loop.CallSoon(reader.FeedEof);

        Assert.Empty(Loop.RunUntilComplete(read));
        Assert.Equal(0, Loop.RunUntilComplete(reader.ReadAsync(new byte[8].AsMemory())));
        Assert.Empty(Loop.RunUntilComplete(reader.ReadAsync(8)));
    }

    [Fact]
    public void A_read_into_memory_that_waits_ends_with_the_stream()
    {
        var reader = NewReader();
        var read = Loop.CreateTask(reader.ReadAsync(new byte[8].AsMemory()));
        Loop.CallSoon(reader.FeedEof);

        Assert.Equal(0, Loop.RunUntilComplete(read));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_read_until_eof")]
    public void Reading_everything_waits_for_the_end()
    {
        var reader = NewReader();
        var read = Loop.CreateTask(reader.ReadAsync(-1));
        Loop.CallSoon(() =>
        {
            reader.FeedData("chunk1\n"u8);
            reader.FeedData("chunk2"u8);
            reader.FeedEof();
        });

        Assert.Equal(Bytes("chunk1\nchunk2"), Loop.RunUntilComplete(read));
        Assert.True(reader.AtEof);
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_read_limit")]
    public void A_read_of_bytes_is_not_bound_by_the_limit()
    {
        var reader = NewReader(limit: 3);
        reader.FeedData("chunk"u8);

        Assert.Equal(Bytes("chunk"), Loop.RunUntilComplete(reader.ReadAsync(5)));
        Assert.Empty(Left(reader));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_invalid_limit")]
    public void A_limit_is_positive()
    {
        Assert.Throws<ArgumentOutOfRangeException>("limit", () => NewReader(0));
        Assert.Throws<ArgumentOutOfRangeException>("limit", () => NewReader(-1));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_at_eof")]
    public void It_is_at_the_end_when_the_peer_ended_and_all_was_read()
    {
        var reader = NewReader();
        Assert.False(reader.AtEof);

        reader.FeedData("some data\n"u8);
        Assert.False(reader.AtEof);
        Loop.RunUntilComplete(reader.ReadLineAsync());
        Assert.False(reader.AtEof);

        reader.FeedData("some data\n"u8);
        reader.FeedEof();
        Assert.False(reader.AtEof);
        Loop.RunUntilComplete(reader.ReadLineAsync());
        Assert.True(reader.AtEof);
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_streamreader_constructor_without_loop")]
    [CPythonTest("test_streams.py", "StreamTests", "test_streamreaderprotocol_constructor_without_loop")]
    public void Without_a_loop_no_reader_can_be_made()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => new AsyncStreamReader());

        Assert.Contains("No event loop runs on this thread", failure.Message);
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_streamreader_constructor_use_running_loop")]
    [CPythonTest("test_streams.py", "StreamTests", "test_streamreaderprotocol_constructor_use_running_loop")]
    public void A_reader_belongs_to_the_running_loop()
    {
        var drained = Loop.RunUntilComplete(MakeAndReadAsync());

        Assert.Equal(s_data, drained);

        static async Coroutine<byte[]> MakeAndReadAsync()
        {
            var reader = new AsyncStreamReader();
            var protocol = new StreamReaderProtocol(reader);
            EventLoop.Running.CallSoon(() =>
            {
                var buffer = protocol.GetBuffer(-1);
                s_data.CopyTo(buffer);
                protocol.BufferUpdated(s_data.Length);
            });
            return await reader.ReadExactlyAsync(s_data.Length);
        }
    }

    [Fact]
    public void Only_one_task_may_read()
    {
        var reader = NewReader();
        var first = Loop.CreateTask(reader.ReadAsync(10));
        RunOnce();

        var failure = Assert.Throws<InvalidOperationException>(() => reader.ReadLineAsync());
        Assert.Contains("Another task reads", failure.Message);
        Assert.Throws<InvalidOperationException>(() => reader.ReadAsync(1));
        Assert.Throws<InvalidOperationException>(() => reader.ReadAsync(new byte[1].AsMemory()));
        Assert.Throws<InvalidOperationException>(() => reader.ReadExactlyAsync(1));
        Assert.Throws<InvalidOperationException>(() => reader.ReadExactlyAsync(new byte[1].AsMemory()));
        Assert.Throws<InvalidOperationException>(() => reader.ReadUntilAsync("x"u8));

        reader.FeedData(s_data);
        Assert.Equal(s_data[..10], Loop.RunUntilComplete(first));
        Assert.Equal(s_data[10..], Left(reader));
    }

    [Fact]
    public void Of_two_reads_made_before_data_came_the_second_to_begin_fails()
    {
        var reader = NewReader();
        var first = Loop.CreateTask(reader.ReadAsync(10));
        var second = Loop.CreateTask(reader.ReadAsync(10));
        RunOnce();

        Assert.IsType<InvalidOperationException>(second.Exception);
        reader.FeedData(s_data);
        Assert.Equal(s_data[..10], Loop.RunUntilComplete(first));
    }

    [Fact]
    public void A_read_that_begins_late_finds_what_came_meanwhile()
    {
        var reader = NewReader();
        var read = reader.ReadAsync(10);
        var memory = new byte[8];
        var fill = reader.ReadExactlyAsync(memory.AsMemory());
        reader.FeedData(s_data);

        Assert.Equal(s_data[..10], Loop.RunUntilComplete(read));
        Loop.RunUntilComplete(fill);
        Assert.Equal(s_data[10..], memory);
    }

    [Fact]
    [CPythonTest("test_pep492.py", "StreamReaderTests", "test_readline")]
    public void Lines_are_enumerated_to_the_end()
    {
        var reader = NewReader();
        Loop.CallSoon(() => reader.FeedData("one\ntwo\nth"u8));
        Loop.CallSoon(() => Loop.CallSoon(() =>
        {
            reader.FeedData("ree"u8);
            reader.FeedEof();
        }));

        Assert.Equal(["one\n", "two\n", "three"], Loop.RunUntilComplete(Collect()));

        async Coroutine<List<string>> Collect()
        {
            var lines = new List<string>();
            await foreach (var line in reader)
                lines.Add(System.Text.Encoding.ASCII.GetString(line));
            return lines;
        }
    }
}
