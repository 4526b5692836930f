using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

public sealed partial class CapacityLimiter
{
    // Where .NET's asynchronous code awaits this, or a coroutine that does, the task that runs here is there for nothing else. The
    // borrower is the one whose code that is.
    private async Coroutine<Releaser> BorrowForTaskAsync() => await BorrowAsync(EventLoop.RunningTask.RunsFor);

    private async Coroutine<Releaser> BorrowAsync(object borrower)
    {
        CheckMayBorrow(borrower);
        if (!TryTakeToken())
        {
            _waiting.Add(borrower);
            try
            {
                await _waiters.WaitAsync();
            }
            finally
            {
                _waiting.Remove(borrower);
            }
        }
        _borrowers.Add(borrower);
        return new Releaser(this, borrower);
    }

    private void CheckMayBorrow(object borrower)
    {
        if (_borrowers.Contains(borrower) || _waiting.Contains(borrower))
        {
            throw new InvalidOperationException(
                $"{borrower} holds one of the limiter's tokens already, or waits for one. If all did so, each could wait for " +
                "the others for ever. Where that cannot happen, use AcquireOnBehalfOfAsync with an object for each token.");
        }
    }

    private bool TryTakeToken()
    {
        if (AvailableTokens <= 0)
            return false;
        BorrowedTokens++;
        return true;
    }

    private void TakeTokenBack()
    {
        BorrowedTokens--;
        HandOut();
    }

    // A token counts as borrowed from the moment in which its task is woken, so that nobody can take it before.
    private void HandOut()
    {
        while (AvailableTokens > 0 && _waiters.WakeOne())
            BorrowedTokens++;
    }
}
