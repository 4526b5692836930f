import asyncio


async def attempt(name, program, *arguments, **options):
    try:
        await asyncio.create_subprocess_exec(program, *arguments, **options)
        print(name, "started")
    except FileNotFoundError:
        print(name, "is not there")
    except PermissionError:
        print(name, "has no permission")
    except ValueError:
        print(name, "is no argument")


async def main():
    await attempt("name", "no-such-program")
    await attempt("path", "/no/such/program")
    await attempt("file", "/etc/passwd")
    await attempt("directory", "/usr")
    await attempt("where", "true", cwd="/no/such/directory")
    await attempt("null", "true", "a\0b")
    process = await asyncio.create_subprocess_exec("true")
    print("after that:", await process.wait())


asyncio.run(main())
