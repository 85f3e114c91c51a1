"""Faults on the running installation, and what releases make of them: `python -m tests.faults`, or `make faults`.

order       the fault of one slot, written to a file and read by the slot
slot        a slot that obeys its order; without one it is the slot of the product
bundles     versions that are worse, or better, than the trained one
watcher     shoppers who ask at a steady rate and note what they see
trial       one release: started, led to a step, disturbed, watched to its end
cases       all trials with the verdicts that are expected
churn       weights that change and slots that restart; no request may fail
code        checkouts of other code
report      table, JSON and plot
"""
