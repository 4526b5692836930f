namespace AsyncioSharp.Tests.Streams;

public partial class ReaderTests
{
    private static readonly ReadOnlyMemory<byte>[] s_lineEnds = [Bytes("\r"), Bytes("\n")];

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readuntil_separator")]
    public void A_separator_has_a_byte_at_least()
    {
        var reader = NewReader();

        Assert.Throws<ArgumentException>("separator", () => reader.ReadUntilAsync(ReadOnlySpan<byte>.Empty));
        Assert.Throws<ArgumentException>("separators", () => reader.ReadUntilAsync([ReadOnlyMemory<byte>.Empty]));
        Assert.Throws<ArgumentException>("separators", () => reader.ReadUntilAsync(Enumerable.Empty<ReadOnlyMemory<byte>>()));
        Assert.Throws<ArgumentNullException>("separators", () => reader.ReadUntilAsync((IEnumerable<ReadOnlyMemory<byte>>)null!));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readuntil_multi_chunks")]
    public void A_separator_is_found_in_any_of_several_pieces()
    {
        var reader = NewReader();
        reader.FeedData("lineAAA"u8);
        Assert.Equal(Bytes("lineAAA"), Loop.RunUntilComplete(reader.ReadUntilAsync("AAA"u8)));

        reader.FeedData("lineAAA"u8);
        Assert.Equal(Bytes("lineAAA"), Loop.RunUntilComplete(reader.ReadUntilAsync("AAA"u8)));

        reader.FeedData("lineAAAxxx"u8);
        Assert.Equal(Bytes("lineAAA"), Loop.RunUntilComplete(reader.ReadUntilAsync("AAA"u8)));
        Assert.Equal(Bytes("xxx"), Left(reader));
    }

    [Theory]
    [InlineData("QWEaaXYaaa", "QWEaa", "XYa", "aa")]
    [InlineData("aaa", "aaa")]
    [InlineData("Xaaa", "Xaaa")]
    [InlineData("XXXaaa", "XXX", "a", "a", "a")]
    [CPythonTest("test_streams.py", "StreamTests", "test_readuntil_multi_chunks_1")]
    public void A_separator_that_comes_in_pieces_is_found(string expected, params string[] pieces)
    {
        var reader = NewReader();
        var read = Loop.CreateTask(reader.ReadUntilAsync("aaa"u8));
        // A piece in each turn, so that the search goes on where it stopped.
        RunOnce();
        foreach (var piece in pieces)
        {
            reader.FeedData(Bytes(piece));
            RunOnce();
        }

        Assert.Equal(Bytes(expected), Loop.RunUntilComplete(read));
        Assert.Empty(Left(reader));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readuntil_eof")]
    public void Without_the_separator_the_end_is_an_error_that_has_what_came()
    {
        var reader = NewReader();
        reader.FeedData("some dataAA"u8);
        reader.FeedEof();

        var failure = Assert.Throws<IncompleteReadException>(() => Loop.RunUntilComplete(reader.ReadUntilAsync("AAA"u8)));

        Assert.Equal(Bytes("some dataAA"), failure.Partial);
        Assert.Null(failure.Expected);
        Assert.True(reader.AtEof);
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readuntil_limit_found_sep")]
    public void A_separator_beyond_the_limit_is_an_error_and_the_data_stays()
    {
        var reader = NewReader(limit: 3);
        reader.FeedData("some dataAA"u8);
        var failure = Assert.Throws<LimitOverrunException>(() => Loop.RunUntilComplete(reader.ReadUntilAsync("AAA"u8)));
        Assert.StartsWith("No separator came", failure.Message);
        Assert.Equal(9, failure.Consumed);

        reader.FeedData("A"u8);
        failure = Assert.Throws<LimitOverrunException>(() => Loop.RunUntilComplete(reader.ReadUntilAsync("AAA"u8)));
        Assert.StartsWith("The separator comes after", failure.Message);
        Assert.Equal(9, failure.Consumed);

        Assert.Equal(Bytes("some dataAAA"), Left(reader));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readuntil_multi_separator")]
    public void Of_several_separators_the_one_that_ends_first_counts()
    {
        var reader = NewReader();
        reader.FeedData("line 1\nline 2\r"u8);
        Assert.Equal(Bytes("line 1\n"), Loop.RunUntilComplete(reader.ReadUntilAsync(s_lineEnds)));
        Assert.Equal(Bytes("line 2\r"), Loop.RunUntilComplete(reader.ReadUntilAsync(s_lineEnds)));

        reader.FeedData("ABCDEFG"u8);
        Assert.Equal(Bytes("ABCDE"), Loop.RunUntilComplete(reader.ReadUntilAsync([Bytes("DEF"), Bytes("BCDE")])));
        Assert.Equal(Bytes("FG"), Left(reader));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readuntil_multi_separator_limit")]
    public void The_limit_holds_for_several_separators_too()
    {
        var reader = NewReader(limit: 3);
        reader.FeedData("some dataA"u8);

        var failure = Assert.Throws<LimitOverrunException>(
            () => Loop.RunUntilComplete(reader.ReadUntilAsync([Bytes("Z"), Bytes("A")])));

        Assert.StartsWith("The separator comes after", failure.Message);
        Assert.Equal(Bytes("some dataA"), Left(reader));
    }

    [Fact]
    [CPythonTest("test_streams.py", "StreamTests", "test_readuntil_multi_separator_negative_offset")]
    public void A_separator_longer_than_what_is_there_does_no_harm()
    {
        var reader = NewReader();
        reader.FeedData("data"u8);
        var read = Loop.CreateTask(reader.ReadUntilAsync([Bytes("A"), Bytes("long sep")]));
        Loop.CallSoon(() => reader.FeedData("Z"u8));
        Loop.CallSoon(() => reader.FeedData("Aaaa"u8));

        Assert.Equal(Bytes("dataZA"), Loop.RunUntilComplete(read));
        Assert.Equal(Bytes("aaa"), Left(reader));
    }
}
