namespace AsyncioSharp;

/// <summary>An <see cref="IAwaitable"/> with a result.</summary>
/// <typeparam name="T">The result's type.</typeparam>
public interface IAwaitable<T> : IAwaitable;
