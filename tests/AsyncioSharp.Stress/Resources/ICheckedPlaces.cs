using AsyncioSharp.Stress.Nodes;
using AsyncioSharp.Stress.Running;

namespace AsyncioSharp.Stress.Resources;

/// <summary>A <see cref="CheckedPlaces{TReleaser}"/> of any kind.</summary>
internal interface ICheckedPlaces
{
    /// <summary>Runs a body that holds a place.</summary>
    Coroutine RunInsideAsync(Run run, Node node, Node body);

    /// <summary>Takes a place without waiting, and gives it back at once.</summary>
    void TryEnter(Run run, Node node);

    /// <summary>In the end everything must be free.</summary>
    void Check(Run run);
}
