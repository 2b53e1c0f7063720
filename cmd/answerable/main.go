// Answerable takes in what people tell about a clinic, sealed so that only its community review panel can read it.
//
// This one program is the server, the panel's terminal, the writer's terminal and the demo. See README.md.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2 // the command line or a setting does not make sense
)

// run is main with everything it touches as arguments, settings in the environment excepted.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	t := &terminal{in: stdin, out: stdout, err: stderr}
	defer func() {
		switch p := recover().(type) {
		case nil:
		case exit:
			code = int(p)
		default:
			panic(p)
		}
	}()
	if err := dispatch(ctx, t, args); err != nil {
		return t.fail(err)
	}
	return exitOK
}

// exit carries a status out of kong, which wants to end the program after printing help.
type exit int

func dispatch(ctx context.Context, t *terminal, args []string) error {
	var commands cli
	parser, err := newParser(ctx, t, &commands)
	if err != nil {
		return fmt.Errorf("build the command line: %w", err)
	}
	if err := checkSettings(parser.Model.Node, os.Environ()); err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return usageOf(err)
	}
	t.json = commands.JSON
	defer t.done()
	return parsed.Run()
}

func newParser(ctx context.Context, t *terminal, commands *cli) (*kong.Kong, error) {
	return kong.New(commands,
		kong.Name("answerable"),
		kong.Description("Anonymous feedback and harm reporting for clinics. Words are sealed where they are written; only the community review panel opens them."),
		kong.Writers(t.out, t.err),
		kong.Exit(func(code int) { panic(exit(code)) }),
		kong.DefaultEnvars("ANSWERABLE"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(t),
	)
}
