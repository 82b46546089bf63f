"""Who is closed first when a venue deleverages winners."""
