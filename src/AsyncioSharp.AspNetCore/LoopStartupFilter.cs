using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace AsyncioSharp.AspNetCore;

/// <summary>Puts <see cref="LoopMiddleware"/> before everything else.</summary>
internal sealed class LoopStartupFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(LoopMiddleware.Wrap);
        next(app);
    };
}
