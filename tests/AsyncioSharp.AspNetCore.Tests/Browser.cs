using Microsoft.Playwright;

namespace AsyncioSharp.AspNetCore.Tests;

/// <summary>The browser of the tests of a class. They are skipped where it is not installed.</summary>
public sealed class Browser : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1);
    private IPlaywright? _driver;
    private IBrowser? _browser;

    /// <summary>Opens a page of a site, with nothing that was kept from others.</summary>
    internal async Task<IPage> OpenAsync(Site site)
    {
        Programs.Need("chromium");
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _driver ??= await Playwright.CreateAsync();
            _browser ??= await _driver.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = Programs.Find("chromium"),
                Args = ["--no-sandbox", "--disable-quic"],
            });
        }
        finally
        {
            _starting.Release();
        }
        var page = await _browser.NewPageAsync(new BrowserNewPageOptions { IgnoreHTTPSErrors = true });
        await page.GotoAsync($"{site.Address}page");
        return page;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.CloseAsync();
        _driver?.Dispose();
        _starting.Dispose();
    }
}
