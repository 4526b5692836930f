using System.Text;

namespace AsyncioSharp;

public sealed partial class Subprocess
{
    // So that a process that writes faster than its lines are looked at is held up.
    private const int MaxLinesAhead = 64;

    /// <summary>
    /// Reads what it writes as lines of text, output and errors in one sequence, as they come. The sequence ends when both
    /// streams have; then <see cref="WaitAsync"/> has the exit code. Whoever stops before loses the lines that were read ahead: what is
    /// read from the streams afterwards is what follows those.
    /// </summary>
    /// <param name="encoding">How the text is written; UTF-8 by default. It must end lines with the byte 10, as all but UTF-16
    /// and UTF-32 do.</param>
    /// <exception cref="LimitOverrunException">A line is longer than <see cref="SubprocessOptions.Limit"/>.</exception>
    /// <exception cref="InvalidOperationException">Neither stream is a pipe, or another task reads.</exception>
    public IAsyncEnumerable<SubprocessLine> ReadLinesAsync(Encoding? encoding = null)
    {
        if (StandardOutput is null && StandardError is null)
        {
            throw new InvalidOperationException(
                "There is no pipe to read from. Start the process with SubprocessOptions.StandardOutput or StandardError = Stdio.Pipe.");
        }
        return ReadAllLinesAsync(encoding ?? Encoding.UTF8);
    }

    private async IAsyncEnumerable<SubprocessLine> ReadAllLinesAsync(Encoding encoding)
    {
        var lines = new AsyncQueue<SubprocessLine>(MaxLinesAhead);
        var reading = Asyncio.CreateTask(ReadBothAsync(lines, encoding));
        try
        {
            await foreach (var line in lines)
                yield return line;
            await reading; // which may have failed
        }
        finally
        {
            // The reader may have had enough, and read on by other means.
            reading.Cancel();
            await Asyncio.Wait([reading]);
        }
    }

    private async Coroutine ReadBothAsync(AsyncQueue<SubprocessLine> lines, Encoding encoding)
    {
        try
        {
            await TaskGroup.RunAsync(async group =>
            {
                if (StandardOutput is not null)
                    group.StartSoon(ReadLinesAsync(StandardOutput, isError: false, lines, encoding));
                if (StandardError is not null)
                    group.StartSoon(ReadLinesAsync(StandardError, isError: true, lines, encoding));
                await Coroutine.Completed;
            });
        }
        catch (TaskGroupException e) when (e.InnerExceptions.Count == 1)
        {
            throw e.InnerExceptions[0];
        }
        finally
        {
            lines.Shutdown();
        }
    }

    private static async Coroutine ReadLinesAsync(AsyncStreamReader reader, bool isError, AsyncQueue<SubprocessLine> lines, Encoding encoding)
    {
        await foreach (var line in reader)
            await lines.PutAsync(new SubprocessLine(encoding.GetString(line.AsSpan().TrimEnd("\r\n"u8)), isError));
    }
}
