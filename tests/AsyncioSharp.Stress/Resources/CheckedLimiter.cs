namespace AsyncioSharp.Stress.Resources;

/// <summary>A capacity limiter for two, asked on behalf of somebody else each time.</summary>
internal sealed class CheckedLimiter() : CheckedPlaces<CapacityLimiter.Releaser>("capacity limiter", 2, isStrict: false)
{
    private readonly CapacityLimiter _limiter = new(2);
    private readonly Stack<object> _borrowers = new();

    protected override Coroutine<CapacityLimiter.Releaser> AcquireAsync() => _limiter.AcquireOnBehalfOfAsync(new object());

    protected override bool TryAcquire()
    {
        var borrower = new object();
        if (!_limiter.TryAcquireOnBehalfOf(borrower))
            return false;
        _borrowers.Push(borrower);
        return true;
    }

    protected override void Release() => _limiter.ReleaseOnBehalfOf(_borrowers.Pop());
}
