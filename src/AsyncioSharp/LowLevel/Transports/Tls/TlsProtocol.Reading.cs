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

    public override void DataReceived(ReadOnlySpan<byte> data)
    {
        if ((_state & TlsState.Writing) == 0)
        {
            _cipher.Feed(data, _pump);
            return;
        }
        // A transport that delivers while it is written to: what is read there might want to write in its turn.
        _cipher.Keep(data);
        PumpLater();
    }

    public override bool EofReceived()
    {
        _cipher.FeedEnd();
        if ((_state & TlsState.Writing) == 0)
            Pump();
        else
            PumpLater();
        // What has come and is not delivered yet, as reading is paused or the handshake's end to be told, is not to be lost
        // by closing; nor is what this side has to say at its end.
        return (_state & TlsState.EndingAfterPeer) != 0
            || (_state & (TlsState.HandshakeOver | TlsState.Closing | TlsState.EofReceived)) == TlsState.HandshakeOver;
    }

    public void PauseReading()
    {
        _loop.CheckThread();
        _state |= TlsState.Paused;
        if ((_state & TlsState.Closing) == 0) // then the peer's end is to be found, and what comes before it is dropped
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

    private void PumpLater() => _loop.CallSoon(static layer => layer._cipher.Feed([], layer._pump), this);

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
                _waiting.UnsafeOnCompleted(_onReadable);
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
        _loop.PostOrDrop(new ThreadsafeCallback(
            () =>
            {
                _state |= TlsState.Ready;
                Pump();
            },
            null));
    }

    private void ReadOnce()
    {
        if (Application is BufferedProtocol { TakesData: false } buffered && (_state & TlsState.Closing) == 0)
        {
            ReadInto(buffered);
            return;
        }
        var buffer = ArrayPool<byte>.Shared.Rent(PlainBufferSize);
        try
        {
            var count = Read(buffer);
            if (count == 0)
                End();
            else if ((_state & TlsState.Closing) == 0)
                Deliver(buffer.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Deliver(ReadOnlySpan<byte> data)
    {
        try
        {
            Application.Take(data);
        }
        catch (Exception e)
        {
            Fail("Data could not be delivered, and the connection is closed: it failed", e);
        }
    }

    private void ReadInto(BufferedProtocol protocol)
    {
        Memory<byte> buffer;
        try
        {
            buffer = protocol.GetBuffer(-1);
            if (buffer.IsEmpty)
                throw new InvalidOperationException(StreamTransport.EmptyBuffer);
        }
        catch (Exception e)
        {
            Fail("GetBuffer failed, and its connection is closed", e);
            return;
        }
        var count = Read(buffer);
        if (count == 0)
        {
            End();
            return;
        }
        try
        {
            protocol.BufferUpdated(count);
        }
        catch (Exception e)
        {
            Fail("BufferUpdated failed, and its connection is closed", e);
        }
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
            EndShutdown();
        else
            TellEof();
    }

    public void TellEof()
    {
        bool hasMore;
        try
        {
            hasMore = Application.EofReceived(); // this side ends whatever it says: TLS has no half-closed connections
        }
        catch (Exception e)
        {
            Fail("EofReceived failed, and its connection is closed", e);
            return;
        }
        EndAfterPeer(hasMore);
    }

    private void Fail(string what, Exception exception)
    {
        Report(what, exception);
        Abort(exception);
    }
}
