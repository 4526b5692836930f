namespace AsyncioSharp.LowLevel;

/// <summary>Whoever has a descriptor watched.</summary>
internal interface IEpollClient
{
    /// <summary>Something happened, or the client queued its watch itself. Called in its turn in the loop.</summary>
    /// <param name="events">What happened since the last call; none if the client queued the watch.</param>
    void OnReady(EpollEvents events);

    /// <summary>The loop closes: give the descriptor back, and call nobody.</summary>
    void OnLoopClosing();
}
