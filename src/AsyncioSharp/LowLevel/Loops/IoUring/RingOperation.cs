namespace AsyncioSharp.LowLevel;

/// <summary>Something that the kernel does in its own time for a loop: one object for each, used again and again.</summary>
internal abstract class RingOperation
{
    /// <summary>Its place in the table of what is in flight; negative if it is not.</summary>
    internal int Slot = -1;

    /// <summary>Whether it waits for the loop to run.</summary>
    internal bool IsPostponed;

    /// <summary>Whether the kernel was asked to cancel it.</summary>
    public bool IsCancelRequested { get; internal set; }

    /// <summary>Whether the kernel has it: what it points to is not to be touched before its last completion.</summary>
    public bool IsInFlight => Slot >= 0;

    /// <summary>Whether it was submitted, and did not end yet.</summary>
    public bool IsPending => IsInFlight || IsPostponed;

    /// <summary>Whether the kernel reads or writes memory of the program's for it.</summary>
    public virtual bool HoldsMemory => false;

    /// <summary>What to ask the kernel for. Asked again each time it is submitted.</summary>
    internal abstract SubmissionEntry Entry();

    /// <summary>
    /// The kernel has something to tell of it. Called while completions are collected: no code of a program's may run
    /// here. If the last completion says that it was cancelled and nobody has asked for that, the run of the loop has ended:
    /// submitted again, it goes on with the next.
    /// </summary>
    internal abstract void Completed(in CompletionEntry completion);

    /// <summary>The loop uses its ring no more: what it was for is to be had otherwise.</summary>
    internal abstract void Declined();

    /// <summary>The loop is closed while this waits for its next run.</summary>
    internal virtual void Dropped() { }
}
