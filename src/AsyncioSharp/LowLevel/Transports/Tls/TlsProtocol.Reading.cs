using System.Buffers;
using System.Runtime.CompilerServices;

namespace AsyncioSharp.LowLevel;

// Reading: first without a buffer, which waits until something is decrypted, then with one, which takes it. So an idle
// connection holds none.
internal sealed partial class TlsProtocol
{
    private const int PlainBufferSize = 32 * 1024;

    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _waiting;

    public bool IsReading =>
        (_state & (TlsState.Paused | TlsState.EofReceived | TlsState.Closing | TlsState.Lost)) == 0 && _carrier.IsReading;

    public override void DataReceived(ReadOnlySpan<byte> data) => _cipher.Feed(data, _pump);

    public override bool EofReceived()
    {
        _cipher.FeedEnd();
        Pump();
        // What was decrypted and is not delivered yet, as reading is paused, is not to be lost by closing.
        return (_state & (TlsState.Connected | TlsState.Closing | TlsState.EofReceived)) == TlsState.Connected;
    }

    public void PauseReading()
    {
        _loop.CheckThread();
        _state |= TlsState.Paused;
        _carrier.PauseReading();
    }

    public void ResumeReading()
    {
        _loop.CheckThread();
        if ((_state & TlsState.Paused) == 0)
            return;
        _state &= ~TlsState.Paused;
        _carrier.ResumeReading();
        PumpLater();
    }

    private void PumpLater() => _loop.CallSoon(_pump);

    // Reads whatever there is, and gives it to the protocol.
    private void Pump()
    {
        if ((_state & (TlsState.Connected | TlsState.Pumping)) != TlsState.Connected)
            return;
        _state |= TlsState.Pumping;
        try
        {
            while ((_state & (TlsState.EofReceived | TlsState.Lost)) == 0
                && (_state & (TlsState.Paused | TlsState.Closing)) != TlsState.Paused
                && IsReadable())
            {
                ReadOnce();
            }
        }
        catch (Exception e)
        {
            Abort(e);
        }
        finally
        {
            _state &= ~TlsState.Pumping;
        }
    }

    private bool IsReadable()
    {
        if ((_state & TlsState.Awaiting) == 0)
        {
            using (new NoSynchronization())
                _waiting = Ssl.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false).GetAwaiter();
            _state |= TlsState.Awaiting;
            if (!_waiting.IsCompleted)
            {
                _state &= ~TlsState.Ready;
                _waiting.UnsafeOnCompleted(OnReadable);
                return false;
            }
            _state |= TlsState.Ready;
        }
        if ((_state & TlsState.Ready) == 0)
            return false;
        _state &= ~(TlsState.Awaiting | TlsState.Ready);
        _waiting.GetResult();
        return true;
    }

    // Called from within Feed, which has it read next; if not, that is seen to here.
    private void OnReadable()
    {
        if (_loop.IsOnThread)
        {
            _state |= TlsState.Ready;
            return;
        }
        _loop.CallSoonThreadsafe(() =>
        {
            _state |= TlsState.Ready;
            Pump();
        });
    }

    private void ReadOnce()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PlainBufferSize);
        try
        {
            var count = Read(buffer);
            if (count == 0)
                End();
            else
                Deliver(buffer.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Deliver(ReadOnlySpan<byte> data)
    {
        // Piece by piece as a buffered protocol has room; it may close the connection, or give way to another, in between.
        while (!data.IsEmpty && (_state & (TlsState.Closing | TlsState.Lost)) == 0)
        {
            try
            {
                data = data[Deliver(Application, data)..];
            }
            catch (Exception e)
            {
                Report("Data could not be delivered, and the connection is closed: it failed", e);
                Abort(e);
            }
        }
    }

    private static int Deliver(StreamProtocol application, ReadOnlySpan<byte> data)
    {
        switch (application)
        {
            case Protocol protocol:
                protocol.DataReceived(data);
                return data.Length;
            case BufferedProtocol buffered when !buffered.TryTake(data):
                return Copy(data, buffered);
            default:
                return data.Length;
        }
    }

    private static int Copy(ReadOnlySpan<byte> data, BufferedProtocol protocol)
    {
        var buffer = protocol.GetBuffer(-1).Span;
        if (buffer.IsEmpty)
            throw new InvalidOperationException("GetBuffer returned an empty buffer. It must have room for a byte at least; to receive nothing for now, use Transport.PauseReading.");
        var count = Math.Min(buffer.Length, data.Length);
        data[..count].CopyTo(buffer);
        protocol.BufferUpdated(count);
        return count;
    }

    // It never waits: something was decrypted, or the end was reached, before it is called.
    private int Read(Memory<byte> buffer)
    {
        using (new NoSynchronization())
        {
            var read = Ssl.ReadAsync(buffer);
            return read.IsCompleted ? read.Result : throw new InvalidOperationException("TLS has announced data and does not deliver it.");
        }
    }

    private void End()
    {
        _state |= TlsState.EofReceived;
        if ((_state & TlsState.Closing) != 0)
        {
            EndShutdown();
            return;
        }
        try
        {
            Application.EofReceived(); // whatever it says: TLS has no half-closed connections
        }
        catch (Exception e)
        {
            Report("EofReceived failed, and its connection is closed", e);
            Abort(e);
            return;
        }
        Close();
    }
}
