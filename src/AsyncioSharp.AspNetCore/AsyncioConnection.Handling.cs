using AsyncioSharp.LowLevel;
using Microsoft.AspNetCore.Http;

namespace AsyncioSharp.AspNetCore;

// The application, called by Kestrel for a request of HTTP/1, of which there is one at a time.
internal sealed partial class AsyncioConnection
{
    private static readonly SendOrPostCallback s_call = static connection => ((AsyncioConnection)connection!).Call();

    private RequestDelegate? _next;
    private HttpContext? _context;
    private Task? _handling;
    private bool _goesOn; // Kestrel, behind a handler that has ended

    /// <summary>Calls the application on the loop's thread, on behalf of the connection's task.</summary>
    /// <returns>Ends on the loop's thread, without a synchronization context, as it was called.</returns>
    public Task HandleAsync(RequestDelegate next, HttpContext context)
    {
        (_next, _context) = (next, context);
        _handled++;
        _hasHandled = true;
        LookIfDue();
        Run(s_call, this);
        var handling = _handling!;
        _handling = null;
        if (!handling.IsCompleted)
            return new Handling(this).WaitAsync(handling);
        _handled--;
        return handling;
    }

    /// <summary>Calls the application when Kestrel is on another thread; on the loop's.</summary>
    public async Coroutine HandleFromElsewhereAsync(RequestDelegate next, HttpContext context)
    {
        _handled++;
        _hasHandled = true;
        try
        {
            await next(context);
        }
        finally
        {
            _handled--;
        }
    }

    private void Call()
    {
        var (next, context) = (_next!, _context!);
        (_next, _context) = (null, null);
        try
        {
            _handling = next(context);
        }
        catch (Exception e)
        {
            _handling = Task.FromException(e);
        }
    }

    private sealed class Handling(AsyncioConnection connection)
    {
        private readonly TaskCompletionSource _source = new();
        private Task? _task;

        public Task WaitAsync(Task task)
        {
            _ = task.ContinueWith(static (ended, handling) => ((Handling)handling!).Ended(ended), this,
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return _source.Task;
        }

        // Where code of the connection's task has ended it, at once, as with Kestrel's own transport: in a turn of its own the answer would wait
        // for all that has come to the loop meanwhile. Other tasks must not find Kestrel, and the next request, in the middle of themselves, nor
        // must requests that have come together be handled one inside the other. While a request is handled its connection does not move, so the
        // loop is the one.
        private void Ended(Task task)
        {
            _task = task;
            if (connection._task.IsCurrent && !connection._goesOn)
            {
                connection.Loop.RunOnBehalfOf(null, static handling => ((Handling)handling!).GoOnInside(), this);
                return;
            }
            connection.Writer.ExpectTurn();
            try
            {
                connection.Loop.CallSoonThreadsafe(
                    static handling => handling.GoOn(), this, context: null, static handling => handling.CompleteElsewhere());
            }
            catch (ObjectDisposedException)
            {
                CompleteElsewhere();
            }
        }

        // What Kestrel adds, such as the end of a chunked body, leaves with what the handler has flushed, and without another turn.
        private void GoOn()
        {
            connection._goesOn = true;
            try
            {
                var begins = connection.Writer.BeginTurn();
                connection.RunPlain(static handling => ((Handling)handling!).Complete(), this);
                if (begins)
                    connection.Writer.EndTurn();
            }
            finally
            {
                connection._goesOn = false;
            }
        }

        // What fails is not the handler's, whose end this is called from.
        private void GoOnInside()
        {
            try
            {
                GoOn();
            }
            catch (Exception e)
            {
                connection.Loop.CallExceptionHandler(
                    new ExceptionContext("An answer could not be sent.") { Exception = e, Source = connection._transport });
            }
        }

        // What goes on is Kestrel's and the application's, and must not be in the middle of the loop's closing.
        private void CompleteElsewhere() => ThreadPool.UnsafeQueueUserWorkItem(static handling => handling.Complete(), this, preferLocal: false);

        private void Complete()
        {
            connection._handled--;
            _source.SetFromTask(_task!);
        }
    }
}
