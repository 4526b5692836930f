using AsyncioSharp;
using Npgsql;

// Kestrel to be measured, on the loops, on loops that run wherever the system likes, or on its own transport:
//   AsyncioSharp.Web asyncio|anywhere|stock PORT [CONNECTION-STRING]
if (args is not [("asyncio" or "anywhere" or "stock") and var kind, var port, ..])
{
    Console.Error.WriteLine("usage: AsyncioSharp.Web asyncio|anywhere|stock PORT [CONNECTION-STRING]");
    return 2;
}

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
if (kind == "asyncio")
    builder.WebHost.UseAsyncio();
else if (kind == "anywhere")
    builder.WebHost.UseAsyncio(options => options.Loops = new LoopGroupOptions { Placement = LoopPlacement.System });
var app = builder.Build();
app.MapGet("/plaintext", () => "Hello, World!");
app.MapGet("/json", () => Results.Json(new Message("Hello, World!")));
if (args is [_, _, var database])
{
    var source = NpgsqlDataSource.Create(database);
    app.MapGet("/db", async () =>
    {
        await using var command = source.CreateCommand("SELECT id, randomnumber FROM world WHERE id = $1");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Random.Shared.Next(1, 10001) });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return Results.Json(new World(reader.GetInt32(0), reader.GetInt32(1)));
    });
}
app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine("ready"));
app.Run();
Console.WriteLine(GC.GetTotalAllocatedBytes());
return 0;

internal sealed record Message(string Text);

internal sealed record World(int Id, int RandomNumber);
