namespace AsyncioSharp.LowLevel;

/// <summary>
/// What a run of consecutive handles shares: one bit each for "was cancelled". Handles are values, so that scheduling a
/// callback allocates nothing, and their callbacks' records are reused; this is where the answer of
/// <see cref="Handle.IsCanceled"/> stays right for as long as anyone keeps the handle.
/// </summary>
internal sealed class HandleBlock(EventLoop loop)
{
    public const int Size = 256;

    private IReadOnlyList<CallGraphFrame>?[]? _origins; // in debug mode only
    private ulong _canceled0, _canceled1, _canceled2, _canceled3;

    public EventLoop Loop { get; } = loop;

    public bool IsCanceled(int index) => (Word(index) & (1UL << index)) != 0;

    public IReadOnlyList<CallGraphFrame>? Origin(int index) => _origins?[index];

    public void SetOrigin(int index, IReadOnlyList<CallGraphFrame>? origin) =>
        (_origins ??= new IReadOnlyList<CallGraphFrame>?[Size])[index] = origin;

    public void SetCanceled(int index) => Word(index) |= 1UL << index;

    private ref ulong Word(int index)
    {
        switch (index >> 6)
        {
            case 0: return ref _canceled0;
            case 1: return ref _canceled1;
            case 2: return ref _canceled2;
            default: return ref _canceled3;
        }
    }
}
