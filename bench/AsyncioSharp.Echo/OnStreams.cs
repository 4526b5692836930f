using System.Buffers;

namespace AsyncioSharp.Echo;

/// <summary>The same on streams, a coroutine to each connection.</summary>
internal static class OnStreams
{
    private const int BufferSize = 256 * 1024;

    /// <summary>Sends back what has come, as it has come.</summary>
    public static async Coroutine EchoAsync(AsyncStreamReader reader, AsyncStreamWriter writer)
    {
        try
        {
            int count;
            do
            {
                // A buffer is needed only while there is something in it: all connections share a few, which stay in the cache.
                await reader.WaitForDataAsync();
                var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
                count = await reader.ReadAsync(buffer);
                writer.Write(buffer.AsSpan(0, count));
                ArrayPool<byte>.Shared.Return(buffer);
                await writer.DrainAsync();
            }
            while (count > 0);
        }
        catch (IOException)
        {
            // the peer is gone
        }
        finally
        {
            writer.Close();
        }
    }

    /// <summary>Answers each request of so many bytes by itself.</summary>
    public static async Coroutine AnswerAsync(AsyncStreamReader reader, AsyncStreamWriter writer, int size)
    {
        var request = new byte[size];
        try
        {
            while (true)
            {
                await reader.ReadExactlyAsync(request);
                writer.Write(request);
                await writer.DrainAsync();
            }
        }
        catch (IOException)
        {
            // the peer is gone
        }
        finally
        {
            writer.Close();
        }
    }
}
