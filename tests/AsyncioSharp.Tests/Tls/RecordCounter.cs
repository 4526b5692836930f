using System.Net.Sockets;

namespace AsyncioSharp.Tests.Tls;

/// <summary>Looks at the records of TLS that are read through it, as .NET does not tell whether a peer has announced its end.</summary>
internal sealed class RecordCounter(NetworkStream inner) : SequentialStream
{
    private const int HeaderSize = 5;

    private readonly byte[] _header = new byte[HeaderSize];
    private int _inHeader;
    private int _left; // of the record
    private int _length;

    /// <summary>Whether the last record was an announcement: the only one that is this short, where no data is.</summary>
    public bool EndsWithAlert => _left == 0 && _length is > 0 and < 32;

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer);
        Count(buffer[..count]);
        return count;
    }

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer, offset, count);
        return Task.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        inner.Write(buffer.Span);
        return default;
    }

    private void Count(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (_left == 0)
            {
                _header[_inHeader++] = data[0];
                data = data[1..];
                if (_inHeader < HeaderSize)
                    continue;
                _inHeader = 0;
                _left = _length = _header[3] << 8 | _header[4];
                continue;
            }
            var skipped = Math.Min(_left, data.Length);
            _left -= skipped;
            data = data[skipped..];
        }
    }
}
