/// Tests of policies: cases, coverage, mutants, simulation.
enum Room {}
