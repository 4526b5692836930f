using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace AsyncioSharp.Echo;

/// <summary>The same over <c>System.IO.Pipelines</c>, which read much at once, and send together what was written before a flush.</summary>
internal static class OnPipelines
{
    /// <summary>Answers each request of so many bytes by itself; the answers to what came together leave together.</summary>
    public static async Task AnswerAsync(Socket socket, int size)
    {
        using var stream = new NetworkStream(socket);
        var reader = PipeReader.Create(stream);
        var writer = PipeWriter.Create(stream);
        while (true)
        {
            var result = await reader.ReadAsync();
            var rest = result.Buffer;
            for (; rest.Length >= size; rest = rest.Slice(size))
            {
                rest.Slice(0, size).CopyTo(writer.GetSpan(size));
                writer.Advance(size);
            }
            reader.AdvanceTo(rest.Start, rest.End);
            await writer.FlushAsync();
            if (result.IsCompleted)
                return;
        }
    }
}
