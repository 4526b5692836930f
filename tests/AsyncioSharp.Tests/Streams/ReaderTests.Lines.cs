namespace AsyncioSharp.Tests.Streams;

public partial class ReaderTests
{
    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readline")]
    public void A_line_is_put_together_from_pieces()
    {
        var reader = NewReader();
        reader.FeedData("chunk1 "u8);
        var read = Loop.CreateTask(reader.ReadLineAsync());
        Loop.CallSoon(() =>
        {
            reader.FeedData("chunk2 "u8);
            reader.FeedData("chunk3 "u8);
            reader.FeedData("\n chunk4"u8);
        });

        Assert.Equal(Bytes("chunk1 chunk2 chunk3 \n"), Loop.RunUntilComplete(read));
        Assert.Equal(Bytes(" chunk4"), Left(reader));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readline_limit_with_existing_data")]
    public void A_line_over_the_limit_is_dropped_and_what_follows_stays()
    {
        var reader = NewReader(limit: 3);
        reader.FeedData("li"u8);
        reader.FeedData("ne1\nline2\n"u8);
        Assert.Throws<LimitOverrunException>(() => Loop.RunUntilComplete(reader.ReadLineAsync()));
        Assert.Equal(Bytes("line2\n"), Left(reader));

        reader = NewReader(limit: 3);
        reader.FeedData("li"u8);
        reader.FeedData("ne1"u8);
        reader.FeedData("li"u8);
        Assert.Throws<LimitOverrunException>(() => Loop.RunUntilComplete(reader.ReadLineAsync()));
        Assert.Empty(Left(reader));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readline_limit")]
    public void A_line_of_exactly_the_limit_is_read()
    {
        Assert.Empty(AfterTooLong("chunk1", "chunk2", "chunk3\n"));
        Assert.Equal(Bytes("chunk3\n"), AfterTooLong("chunk1", "chunk2\n", "chunk3\n"));

        var reader = NewReader(limit: 7);
        reader.FeedData("1234567\n"u8);
        Assert.Equal(Bytes("1234567\n"), Loop.RunUntilComplete(reader.ReadLineAsync()));
        reader.FeedData("12345678\n"u8);
        Assert.Throws<LimitOverrunException>(() => Loop.RunUntilComplete(reader.ReadLineAsync()));
        reader.FeedData("12345678"u8);
        Assert.Throws<LimitOverrunException>(() => Loop.RunUntilComplete(reader.ReadLineAsync()));
        Assert.Empty(Left(reader));

        byte[] AfterTooLong(params string[] chunks)
        {
            var reader = NewReader(limit: 7);
            Loop.CallSoon(() =>
            {
                foreach (var chunk in chunks)
                    reader.FeedData(Bytes(chunk));
                reader.FeedEof();
            });
            Assert.Throws<LimitOverrunException>(() => Loop.RunUntilComplete(reader.ReadLineAsync()));
            return Left(reader);
        }
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readline_nolimit_nowait")]
    public void A_line_that_is_there_is_read_without_waiting()
    {
        var reader = NewReader();
        reader.FeedData(s_data[..6]);
        reader.FeedData(s_data[6..]);

        Assert.True(reader.ReadLineAsync().GetAwaiter().IsCompleted);
        Assert.Equal(Bytes("line2\n"), Loop.RunUntilComplete(reader.ReadLineAsync()));
        Assert.Equal(Bytes("line3\n"), Left(reader));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readline_eof")]
    public void The_last_line_may_lack_its_line_feed()
    {
        var reader = NewReader();
        reader.FeedData("some data"u8);
        reader.FeedEof();

        Assert.Equal(Bytes("some data"), Loop.RunUntilComplete(reader.ReadLineAsync()));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readline_empty_eof")]
    public void After_the_last_line_comes_an_empty_one()
    {
        var reader = NewReader();
        reader.FeedEof();

        Assert.Empty(Loop.RunUntilComplete(reader.ReadLineAsync()));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readline_read_byte_count")]
    public void Lines_and_bytes_can_be_read_in_turn()
    {
        var reader = NewReader();
        reader.FeedData(s_data);

        Loop.RunUntilComplete(reader.ReadLineAsync());

        Assert.Equal(Bytes("line2\nl"), Loop.RunUntilComplete(reader.ReadAsync(7)));
        Assert.Equal(Bytes("ine3\n"), Left(reader));
    }
}
