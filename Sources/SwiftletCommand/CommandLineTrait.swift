#if !CommandLine
    #error(
        "the command line needs the package trait CommandLine; without it, build single library products"
    )
#endif
