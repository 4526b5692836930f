namespace AsyncioSharp.Stress.Running;

/// <summary>A wait that a condition justifies.</summary>
internal sealed class ConditionalWait(string what, Func<bool> isJustified, bool isDirect = true) : Wait
{
    public override bool IsJustified => isJustified();

    public override bool IsDirect => isDirect;

    public override string ToString() => what;
}
