namespace AsyncioSharp.Stress.Running;

/// <summary>What a task says it is about to wait for, so that it can be asked whether there is reason to wait still.</summary>
internal abstract class Wait
{
    /// <summary>Something that ends by itself.</summary>
    public static Wait Briefly { get; } = new BriefWait();

    /// <summary>Whether a task may still wait for it when nothing else goes on.</summary>
    public abstract bool IsJustified { get; }

    /// <summary>Whether a task that is cancelled leaves it at once, as no other task has to end first.</summary>
    public virtual bool IsDirect => false;

    private sealed class BriefWait : Wait
    {
        public override bool IsJustified => false;

        public override string ToString() => "something that ends by itself";
    }
}
