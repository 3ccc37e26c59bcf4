internal import PolicyCLI

PolicyCLI.run()
