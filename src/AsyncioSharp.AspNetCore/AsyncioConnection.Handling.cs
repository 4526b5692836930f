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
    private bool _isReturning; // to Kestrel, behind a handler that has ended

    /// <summary>Calls the application on the loop's thread, on behalf of the connection's task.</summary>
    /// <returns>Ends on the loop's thread, without a synchronization context, as it was called; if the loop has closed, on the pool.</returns>
    public Task HandleAsync(RequestDelegate next, HttpContext context)
    {
        (_next, _context) = (next, context);
        _handled++;
        _hasHandled = true;
        LookIfDue();
        RenewTask();
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

    // Whoever cancels all tasks of the loop means what runs there, and a handler that cancels its own the request that it handles; neither the
    // requests that are still to come on the connection. At the end of the loop, or of the client, it means those, too.
    private void RenewTask()
    {
        if (!_task.IsCanceled || Volatile.Read(ref _ended) != 0 || _listener.Group.HasStopped(Loop))
            return;
        using (ExecutionContext.SuppressFlow()) // what this request has there is none of the next ones'
            BeginTask();
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
            _ = task.ContinueWith(static (ended, handling) => ((Handling)handling!).OnHandlerEnded(ended), this,
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return _source.Task;
        }

        // Where code of the connection's task has ended it, at once, as with Kestrel's own transport: in a turn of its own the answer would wait
        // for all that has come to the loop meanwhile. Other tasks must not find Kestrel, and the next request, in the middle of themselves, nor
        // must requests that have come together be handled one inside the other. While a request is handled its connection does not move, so the
        // loop is the one.
        private void OnHandlerEnded(Task task)
        {
            _task = task;
            if (connection._task.IsCurrent && !connection._isReturning)
            {
                connection.Loop.RunOnBehalfOf(null, static handling => ((Handling)handling!).ReturnAtOnce(), this);
                return;
            }
            connection.Writer.ExpectTurn();
            try
            {
                connection.Loop.CallSoonThreadsafe(
                    static handling => handling.ReturnToKestrel(), this, context: null, static handling => handling.EndRequestElsewhere());
            }
            catch (ObjectDisposedException)
            {
                EndRequestElsewhere();
            }
        }

        // What Kestrel adds, such as the end of a chunked body, leaves with what the handler has flushed, and without another turn.
        private void ReturnToKestrel()
        {
            connection._isReturning = true;
            var begins = connection.Writer.BeginTurn();
            try
            {
                connection.RunPlain(static handling => ((Handling)handling!).EndRequest(), this);
            }
            finally
            {
                connection._isReturning = false;
                if (begins)
                    connection.Writer.EndTurn();
            }
        }

        // What fails is not the handler's, whose end this is called from.
        private void ReturnAtOnce()
        {
            try
            {
                ReturnToKestrel();
            }
            catch (Exception e)
            {
                connection.Loop.CallExceptionHandler(new ExceptionContext("What Kestrel does behind a handler failed: the connection is ended.")
                {
                    Exception = e,
                    Source = connection._transport,
                });
                connection.Reset();
            }
        }

        // What goes on is Kestrel's and the application's, and must not be in the middle of the loop's closing.
        private void EndRequestElsewhere() => ThreadPool.UnsafeQueueUserWorkItem(static handling => handling.EndRequest(), this, preferLocal: false);

        private void EndRequest()
        {
            connection._handled--;
            _source.SetFromTask(_task!);
        }
    }
}
