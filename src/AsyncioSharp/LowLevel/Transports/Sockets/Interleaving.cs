using System.Net;

namespace AsyncioSharp.LowLevel;

/// <summary>The order in which addresses of several families are tried.</summary>
internal static class Interleaving
{
    /// <summary>
    /// Has the families take turns, as RFC 8305 wants it, so that one which does not work costs one attempt at a time. The
    /// family of the first address is first.
    /// </summary>
    /// <param name="addresses">The addresses, the best first.</param>
    /// <param name="firstFamilyCount">How many of the first family come before the first of another; at least 1.</param>
    public static IPEndPoint[] Of(IPEndPoint[] addresses, int firstFamilyCount)
    {
        List<Queue<IPEndPoint>> families = [.. addresses
            .GroupBy(static address => address.AddressFamily)
            .Select(static family => new Queue<IPEndPoint>(family))];
        List<IPEndPoint> ordered = [];
        while (--firstFamilyCount > 0 && families[0].TryDequeue(out var address))
            ordered.Add(address);
        while (ordered.Count < addresses.Length)
        {
            foreach (var family in families)
            {
                if (family.TryDequeue(out var address))
                    ordered.Add(address);
            }
        }
        return [.. ordered];
    }
}
