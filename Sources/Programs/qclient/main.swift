import Glibc

// The parent may have SIGPIPE ignored; with the default, `qclient … | head` ends silently with 141.
signal(SIGPIPE, SIG_DFL)
let words = Array(CommandLine.arguments.dropFirst())
exit(Command.main(words, console: Console(), interrupt: Interrupt()).rawValue)
