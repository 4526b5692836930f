namespace AsyncioSharp.Micro;

/// <summary>One thing to measure.</summary>
/// <param name="Sample">Does a number of operations and says what one of them cost.</param>
/// <param name="Unit">Of what it says.</param>
/// <param name="Once">Whether one cold run is the measurement, as it takes long.</param>
internal sealed record Row(Func<int, double> Sample, string Unit, bool Once = false);
