using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>Spreads the connections of a server over its parts, each on a loop of its own. Any of these may ask.</summary>
/// <param name="balancing">How.</param>
/// <param name="isPortShared">Whether each part accepts connections itself.</param>
/// <param name="maxConnections">How many a part may have.</param>
internal sealed class Balancer(ConnectionBalancing balancing, bool isPortShared, int maxConnections)
{
    // To hand a connection over costs more than to serve one a little busier than the rest.
    private const int Slack = 2;
    private const int SlackShare = 8;

    private const int NearFactor = 2;
    private const int NearSlack = 64;

    // What moves near is worth no more than this.
    private const int BetterShare = 4;

    private sealed class Part(Server server)
    {
        public readonly Server Server = server;
        public int Connections;
        public volatile bool HasLeft = true; // until it is started
    }

    private Part[] _parts = [];
    private int _turn = -1;

    /// <summary>The connections that are on their way from one part to another, which none of them counts.</summary>
    public Transit Transit { get; } = new();

    /// <summary>Takes the parts in, before they begin to accept.</summary>
    public void SetParts(IReadOnlyList<Server> servers)
    {
        _parts = [.. servers.Select(static server => new Part(server))];
        for (var i = 0; i < servers.Count; i++)
        {
            servers[i].Place = i;
            servers[i].Balancer = this;
        }
    }

    /// <summary>Connections have come to a part, or gone.</summary>
    public void Count(Server server, int change) => Interlocked.Add(ref _parts[server.Place].Connections, change);

    /// <summary>A part takes connections from now on.</summary>
    public void Join(Server server) => _parts[server.Place].HasLeft = false;

    /// <summary>A part takes no more.</summary>
    public void Leave(Server server) => _parts[server.Place].HasLeft = true;

    /// <summary>Whether a part takes none: not yet, or no more.</summary>
    public bool HasLeft(Server server) => _parts[server.Place].HasLeft;

    /// <summary>The part that gets what another one leaves behind, however much it has: the one with the fewest connections; null if all
    /// have left.</summary>
    public Server? ChooseHeir()
    {
        var (heir, fewest) = (default(Part), 0);
        foreach (var part in _parts)
        {
            var count = Volatile.Read(ref part.Connections);
            if (!part.HasLeft && (heir is null || count < fewest))
                (heir, fewest) = (part, count);
        }
        return heir?.Server;
    }

    /// <summary>The part on a loop.</summary>
    public Server? ServerOn(EventLoop loop) => Array.Find(_parts, part => ReferenceEquals(part.Server.Loop, loop))?.Server;

    /// <summary>A part has accepted a connection: another one that is to have it, or null if it keeps it.</summary>
    /// <param name="server">The part.</param>
    /// <param name="descriptor">The connection's.</param>
    public Server? ChooseOther(Server server, nint descriptor)
    {
        var chosen = balancing switch
        {
            ConnectionBalancing.LeastConnections => Least(_parts[server.Place]),
            ConnectionBalancing.RoundRobin => Next(),
            ConnectionBalancing.Nearest => Nearest(descriptor) ?? Least(_parts[server.Place]),
            _ => null,
        };
        return chosen is null || ReferenceEquals(chosen, server) ? null : chosen;
    }

    /// <summary>Another part that would serve a connection better from now on; null if it is well where it is.</summary>
    /// <param name="server">The part that has it.</param>
    /// <param name="processor">Where the system receives it.</param>
    public Server? ChooseBetter(Server server, int processor)
    {
        if (balancing != ConnectionBalancing.Nearest || server.Loop.Home is null)
            return null;
        var own = _parts[server.Place];
        var mine = Volatile.Read(ref own.Connections);
        var (least, fewest) = Fewest(own, mine);
        // As if all of them went to the same part: many that are told the same would go there together, and back together.
        var coming = Transit.Count;
        var near = PartNear(processor);
        if (near is { HasLeft: false, Server.Loop.Home.IsKept: true }
            && !ReferenceEquals(near, own) && Volatile.Read(ref near.Connections) + coming < Math.Min(Most(fewest), maxConnections - 1))
        {
            return near.Server;
        }
        return mine > Most(fewest + coming) + 1 ? least.Server : null;
    }

    private static int Most(int fewest) => fewest + Math.Max(Slack, fewest / BetterShare);

    private Server? Least(Part own)
    {
        var mine = own.HasLeft ? int.MaxValue : Volatile.Read(ref own.Connections);
        var (least, fewest) = Fewest(own, mine);
        if (fewest >= maxConnections)
            (least, fewest) = (own, mine); // all are full
        return isPortShared && mine != int.MaxValue && mine - fewest < Math.Max(Slack, fewest / SlackShare) ? null : least.Server;
    }

    // Null if it has too many already: others would serve what is far more than they have sooner, wherever they run. A full part stops accepting,
    // and what the system gives it nevertheless would wait; with room for one more it hands that over.
    private Server? Nearest(nint descriptor)
    {
        if (_parts[0].Server.Loop.Home is null || PartNear(Libc.ReceivingProcessor((int)descriptor)) is not { HasLeft: false } near)
            return null;
        var count = Volatile.Read(ref near.Connections);
        if (count >= maxConnections - 1)
            return null;
        return count <= NearFactor * Fewest(near, count).Connections + NearSlack ? near.Server : null;
    }

    // A part that takes connections and has fewer than a given one has, or that one.
    private (Part Part, int Connections) Fewest(Part part, int connections)
    {
        foreach (var other in _parts)
        {
            var count = Volatile.Read(ref other.Connections);
            if (count < connections && !other.HasLeft)
                (part, connections) = (other, count);
        }
        return (part, connections);
    }

    private Part? PartNear(int processor)
    {
        foreach (var part in _parts)
        {
            if (part.Server.Loop.Home?.Number == processor)
                return part;
        }
        return null;
    }

    private Server? Next()
    {
        for (var i = 0; i < _parts.Length; i++)
        {
            var part = _parts[(uint)Interlocked.Increment(ref _turn) % (uint)_parts.Length];
            if (!part.HasLeft && Volatile.Read(ref part.Connections) < maxConnections)
                return part.Server;
        }
        return null;
    }
}
