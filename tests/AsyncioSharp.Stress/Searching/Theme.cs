namespace AsyncioSharp.Stress.Searching;

/// <summary>What a random program is mostly about.</summary>
internal enum Theme
{
    Anything,
    Tasks,
    Scopes,
    Queue,
    Places,
    Event,
    Condition,
    Barrier,
}
