"""`python -m recommndr_one_process`: what `recommndr serve` becomes."""

from recommndr_one_process.main import main

main()
