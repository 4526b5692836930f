namespace AsyncioSharp.LowLevel;

/// <summary>What other threads hand to a loop.</summary>
internal abstract class InboxItem : Runnable
{
    internal InboxItem? NextInInbox;

    /// <summary>The loop has closed and will never run it. Called on any thread.</summary>
    internal virtual void Dropped() { }
}
