namespace AsyncioSharp.Tests.Streams;

public partial class ReaderTests
{
    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readexactly_zero_or_less")]
    public void Reading_exactly_zero_bytes_takes_none_and_fewer_is_an_error()
    {
        var reader = NewReader();
        reader.FeedData(s_data);

        Assert.Empty(Loop.RunUntilComplete(reader.ReadExactlyAsync(0)));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => reader.ReadExactlyAsync(-1));
        Assert.Equal(s_data, Left(reader));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readexactly")]
    public void Reading_exactly_waits_for_all_and_leaves_the_rest()
    {
        var reader = NewReader();
        var read = Loop.CreateTask(reader.ReadExactlyAsync(2 * s_data.Length));
        Loop.CallSoon(() =>
        {
            reader.FeedData(s_data);
            reader.FeedData(s_data);
            reader.FeedData(s_data);
        });

        Assert.Equal([.. s_data, .. s_data], Loop.RunUntilComplete(read));
        Assert.Equal(s_data, Left(reader));
    }

    [Fact]
    public void Filling_memory_takes_what_is_there_and_waits_for_the_rest()
    {
        var reader = NewReader();
        reader.FeedData("abc"u8);
        var memory = new byte[8];
        var read = Loop.CreateTask(reader.ReadExactlyAsync(memory.AsMemory()));
        Loop.CallSoon(() => reader.FeedData("de"u8));
        Loop.CallSoon(() => reader.FeedData("fghij"u8));

        Loop.RunUntilComplete(read);

        Assert.Equal(Bytes("abcdefgh"), memory);
        Assert.Equal(Bytes("ij"), Left(reader));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readexactly_limit")]
    public void Reading_exactly_is_not_bound_by_the_limit()
    {
        var reader = NewReader(limit: 3);
        reader.FeedData("chunk"u8);

        Assert.Equal(Bytes("chunk"), Loop.RunUntilComplete(reader.ReadExactlyAsync(5)));
        Assert.Empty(Left(reader));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [CPythonTest("test_streams.py", "StreamTests", "test_readexactly_eof")]
    public void Reading_exactly_fails_at_the_end_with_what_came(bool intoMemory)
    {
        var reader = NewReader();
        var expected = 2 * s_data.Length;
        var read = intoMemory
            ? Loop.CreateTask(reader.ReadExactlyAsync(new byte[expected].AsMemory()))
            : (AsyncioTask)Loop.CreateTask(reader.ReadExactlyAsync(expected));
        Loop.CallSoon(() =>
        {
            reader.FeedData(s_data);
            reader.FeedEof();
        });

        var failure = Assert.Throws<IncompleteReadException>(() => Loop.RunUntilComplete(read));

        Assert.Equal(s_data, failure.Partial);
        Assert.Equal(expected, failure.Expected);
        Assert.Equal("The stream ended after 18 bytes; 36 were expected. What was read is in Partial.", failure.Message);
        Assert.True(reader.AtEof);
    }
}
