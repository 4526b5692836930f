using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>The base of suites for which the kind of loop does not matter: they have a loop in virtual time, closed after each test.</summary>
public abstract class OnVirtualLoop() : EachLoop(new VirtualEventLoop());
