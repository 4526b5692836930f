namespace AsyncioSharp;

public sealed partial class Subprocess
{
    // Of what is written at once, so that a slow reader holds this program up instead of filling its memory.
    private const int MaxPiece = 64 * 1024;

    /// <summary>
    /// Writes to its standard input and closes that, reads everything it writes, and waits for its end
    /// (<c>communicate()</c>): all at once, so that neither side waits for the other. That it reads less than is written is no
    /// error. If this is cancelled the process goes on.
    /// </summary>
    /// <param name="input">What to write.</param>
    /// <returns>What it wrote; null for what is no pipe.</returns>
    /// <exception cref="InvalidOperationException">There is something to write, and its standard input is no pipe.</exception>
    public Coroutine<(byte[]? Output, byte[]? Error)> CommunicateAsync(ReadOnlyMemory<byte> input = default)
    {
        if (!input.IsEmpty && StandardInput is null)
            throw new InvalidOperationException("There is no pipe to write to. Start the process with SubprocessOptions.StandardInput = Stdio.Pipe.");
        return CommunicateNowAsync(input);
    }

    private async Coroutine<(byte[]? Output, byte[]? Error)> CommunicateNowAsync(ReadOnlyMemory<byte> input)
    {
        byte[]? output = null, error = null;
        if (StandardInput is null && (StandardOutput is null || StandardError is null))
        {
            // One thing to do needs no tasks.
            if (StandardOutput is not null)
                output = await StandardOutput.ReadAsync();
            if (StandardError is not null)
                error = await StandardError.ReadAsync();
        }
        else
        {
            await Asyncio.Gather([FeedAsync(input), ReadOutputAsync(), ReadErrorAsync()]);
        }
        await WaitAsync();
        return (output, error);

        async Coroutine ReadOutputAsync()
        {
            if (StandardOutput is not null)
                output = await StandardOutput.ReadAsync();
        }

        async Coroutine ReadErrorAsync()
        {
            if (StandardError is not null)
                error = await StandardError.ReadAsync();
        }
    }

    private async Coroutine FeedAsync(ReadOnlyMemory<byte> input)
    {
        if (StandardInput is null)
            return;
        try
        {
            for (; !input.IsEmpty; input = input[Math.Min(MaxPiece, input.Length)..])
            {
                StandardInput.Write(input.Span[..Math.Min(MaxPiece, input.Length)]);
                await StandardInput.DrainAsync();
            }
        }
        catch (IOException)
        {
            // It has read what it wanted.
        }
        StandardInput.Close();
    }
}
