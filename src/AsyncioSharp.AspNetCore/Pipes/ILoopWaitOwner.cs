namespace AsyncioSharp.AspNetCore;

/// <summary>What a <see cref="LoopWait{TResult}"/> has to know of the pipe that waits in it. Asked under the lock.</summary>
/// <typeparam name="TResult">What a read, or a flush, ends with.</typeparam>
internal interface ILoopWaitOwner<out TResult>
{
    /// <summary>Whether there is something to go on with, so that a token that is cancelled comes too late.</summary>
    bool HasOutcome { get; }

    /// <summary>Takes what there is.</summary>
    /// <param name="isCanceled">Whether the pipe was asked to end the wait as cancelled.</param>
    TResult TakeOutcome(bool isCanceled);
}
