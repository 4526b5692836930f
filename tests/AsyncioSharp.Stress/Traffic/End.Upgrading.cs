namespace AsyncioSharp.Stress.Traffic;

// Becoming encrypted in the middle.
internal sealed partial class End
{
    private bool _hasUpgraded; // or is about to
    private int _tail; // what is sent in plain text right before the handshake
    private int _phase;

    // Both know how much was sent before, and have read that; the last piece of it leaves with the handshake.
    private async Coroutine UpgradeAsync()
    {
        _hasUpgraded = true;
        Note("upgrade");
        Plan(1);
        Write(1);
        await ReachAsync(1);
        _writer.Transport.ResumeReading();
        await _reading!;
        if (_received != Peer._total && !pair.IsAborted)
            Fail($"read {_received} of {Peer._total}");
        await ReachAsync(2);
        _tail = 2 + random.Next(700);
        await ReachAsync(3);
        Write(_tail - _tail / 2);
        Write(_tail / 2);
        Check(await _reader.ReadExactlyAsync(Peer._tail));
        _total = NotPlanned;
        Note("upgrades");
        if (ReferenceEquals(this, pair.Client))
            await _writer.StartTlsAsync(Tests.Certificates.Client);
        else
            await _writer.StartTlsAsync(Tests.Certificates.Server);
        Note("upgraded");
        await ReachAsync(4);
        StartReading();
    }

    // Waits for the peer to come as far.
    private async Coroutine ReachAsync(int phase)
    {
        _phase = phase;
        while (Peer._phase < phase)
        {
            if (pair.IsAborted)
                throw new IOException("The connection was aborted.");
            await Asyncio.Sleep(TimeSpan.FromTicks(1));
        }
    }
}
