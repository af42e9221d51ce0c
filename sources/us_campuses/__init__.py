"""The case `us_campuses` made from the facility table of Compute Atlas; README.md says how."""
