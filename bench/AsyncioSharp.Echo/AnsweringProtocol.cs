using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Echo;

/// <summary>Answers each request of so many bytes by itself, on the low-level API.</summary>
internal sealed class AnsweringProtocol(int size) : Protocol
{
    private readonly byte[] _part = new byte[size]; // of a request whose rest has not come yet
    private int _begun;
    private Transport? _transport;

    public override void ConnectionMade(Transport transport) => _transport = transport;

    public override void DataReceived(ReadOnlySpan<byte> data)
    {
        if (_begun > 0)
        {
            var rest = Math.Min(size - _begun, data.Length);
            data[..rest].CopyTo(_part.AsSpan(_begun));
            data = data[rest..];
            _begun += rest;
            if (_begun < size)
                return;
            _begun = 0;
            _transport!.Write(_part);
        }
        while (data.Length >= size)
        {
            _transport!.Write(data[..size]);
            data = data[size..];
        }
        data.CopyTo(_part);
        _begun = data.Length;
    }
}
