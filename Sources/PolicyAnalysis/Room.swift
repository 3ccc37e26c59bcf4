/// What a policy means for every run that could exist: satisfiability, floors, properties, equivalence.
///
/// Every atom of a condition speaks of one fact and constants, so the values of a fact fall into finitely many regions
/// that no condition can tell apart; questions about all runs become searches over regions.
enum Room {}
