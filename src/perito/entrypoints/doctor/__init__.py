"""`perito doctor`: what is wrong with a Perito in service, and how to mend it. Changes nothing, and takes seconds."""
