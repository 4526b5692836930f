namespace AsyncioSharp.LowLevel;

/// <summary>What other threads hand to a loop.</summary>
internal abstract class InboxItem : Runnable
{
    internal InboxItem? NextInInbox;
}
