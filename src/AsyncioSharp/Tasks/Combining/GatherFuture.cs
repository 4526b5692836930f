using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>The future behind <c>Gather</c>: completes with what its children's outcomes make, or with their first failure.</summary>
internal sealed class GatherFuture<TResult> : Future<TResult>
{
    private readonly Future[] _arguments;
    private readonly Future[] _children; // each argument once
    private readonly Func<Future[], TResult> _collect;
    private readonly bool _collectsFailures;
    private int _finished;
    private bool _cancelRequested;
    private string? _cancelMessage;

    public GatherFuture(EventLoop loop, Future[] arguments, Func<Future[], TResult> collect, bool collectsFailures)
        : base(loop)
    {
        _arguments = arguments;
        _children = WithoutRepetition(arguments);
        _collect = collect;
        _collectsFailures = collectsFailures;
        if (_children.Length == 0)
        {
            SetResult(collect(arguments));
            return;
        }
        foreach (var child in _children)
        {
            if (!child.IsCompleted)
                child.AddCallback(new Child(this, child));
        }
        // Those that were complete are looked at once all are known: if that is all of them, so is this.
        foreach (var child in _children)
        {
            if (child.IsCompleted)
                ChildCompleted(child);
        }
    }

    /// <summary>Cancels the children that have not completed. This completes when they have.</summary>
    public override bool Cancel(string? message = null)
    {
        if (IsCompleted)
            return false;
        Loop.CheckThread();
        var any = false;
        foreach (var child in _children)
            any |= child.Cancel(message);
        if (any)
        {
            _cancelRequested = true;
            _cancelMessage = message;
        }
        return any;
    }

    internal override bool PassesCancelOn => true;

    private protected override string Label => "Gather";

    private protected override string WaitText => $"Gather, {_children.Length - _finished} of {_children.Length} left";

    private void ChildCompleted(Future child)
    {
        _finished++;
        if (IsCompleted)
        {
            // Only the first failure is told. That of a sibling counts as seen: whoever gathers has chosen so.
            child.MarkRetrieved();
            return;
        }
        if (!_collectsFailures)
        {
            // A child's cancellation is no request to cancel this: it is told as an exception.
            if (child.IsCanceled)
            {
                EndCanceled(child.MakeCanceledException());
                return;
            }
            if (child.Exception is { } failure)
            {
                SetException(failure);
                return;
            }
        }
        if (_finished < _children.Length)
            return;
        foreach (var each in _children)
            each.MarkRetrieved();
        if (_cancelRequested)
            EndCanceled(new CanceledException(_cancelMessage));
        else
            SetResult(_collect(_arguments));
    }

    // Nobody has to be told of what was asked for: who waited for it may have left.
    private void EndCanceled(CanceledException exception)
    {
        SetException(exception);
        if (_cancelRequested)
            MarkRetrieved();
    }

    private static Future[] WithoutRepetition(Future[] arguments)
    {
        var seen = new HashSet<Future>(arguments, ReferenceEqualityComparer.Instance);
        return seen.Count == arguments.Length ? arguments : [.. seen];
    }

    private sealed class Child(GatherFuture<TResult> owner, Future child) : Runnable
    {
        internal override Future? OnBehalfOf => owner;

        internal override void Run() => owner.ChildCompleted(child);
    }
}
